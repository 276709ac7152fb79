// SPDX-License-Identifier: Apache-2.0
#include "node/administration.hpp"

#include "actors/admin/admin.hpp"
#include "gateway/admin/bridge.hpp"
#include "lib/base/clock.hpp"
#include "lib/log/log.hpp"
#include "lib/pki/folder.hpp"
#include "node/parts.hpp"

#include <caf/send.hpp>

#include <chrono>
#include <csignal>
#include <fstream>
#include <mutex>
#include <unistd.h>

namespace hamlet::node {

namespace {

constexpr std::chrono::seconds papers_every{2}; // a certificate that was revoked is good so long

/// Whom to believe, read again when some time has passed.
class believer {
public:
  explicit believer(pki::folder papers) : papers_{std::move(papers)} {}

  std::optional<pki::trust> get() {
    std::lock_guard lock{mutex_};
    auto now = std::chrono::steady_clock::now();
    if (now < again_)
      return known_;
    again_ = now + papers_every;
    auto read = papers_.load();
    if (read)
      known_ = std::move(read->believes);
    else if (read.error().code == errc::not_found)
      known_.reset();
    return known_;
  }

private:
  pki::folder papers_;
  std::mutex mutex_;
  std::optional<pki::trust> known_;
  std::chrono::steady_clock::time_point again_{};
};

result<std::string> text_of_file(const std::string& name) {
  std::ifstream file{name, std::ios::binary};
  std::string text{std::istreambuf_iterator<char>{file}, {}};
  return file && !text.empty() ? result<std::string>{std::move(text)}
                               : fail(errc::bad_setup, "cannot read " + name);
}

/// What the node shows to administrators.
result<void_t> set_certificate(const config::settings& x, admin::rpc_options& into) {
  if (auto own = pki::folder{data_layout{x}.cluster()}.load()) {
    into.certificate = own->certificate;
    into.key = own->key;
    return void_t{};
  }
  auto files = certificates_of(x);
  if (!files)
    return tl::unexpected{files.error()};
  auto chain = text_of_file(files->front().chain_file);
  auto key = text_of_file(files->front().key_file);
  if (!chain || !key)
    return tl::unexpected{chain ? key.error() : chain.error()};
  into.certificate = std::move(*chain);
  into.key = std::move(*key);
  return void_t{};
}

} // namespace

std::string admin_socket(const config::settings& x) {
  return x.admin.socket.value.empty() ? data_layout{x}.socket().string() : x.admin.socket.value;
}

result<std::unique_ptr<administration>>
administration::open(caf::actor_system& sys, const config::settings& x, store& data,
                     const router& owners, const presence& people, const mail_clients& mail,
                     cluster_part* others, std::function<std::vector<std::string>()> problems) {
  admin::rpc_options options;
  options.socket = admin_socket(x);
  options.calls = static_cast<std::size_t>(x.admin.calls.value);
  for (auto& endpoint : x.admin.listen.value)
    options.listen.push_back(endpoint.text());
  if (!options.listen.empty())
    if (auto set = set_certificate(x, options); !set)
      return tl::unexpected{set.error()};
  std::unique_ptr<administration> made{new administration};
  admin::admin_parts parts{
    .rows = data.administration(),
    .accounts = data.accounts(),
    .channels = data.channels(),
    .queue = data.queue(),
    .nodes = data.cluster(),
    .people = &people,
    .mail = &mail,
    .key = &data.key(),
    .owners = &owners,
    .now_ms = unix_milliseconds,
    .node = {others ? others->name() : hostname(x), x.cluster.node.value},
    .drain = {},
    .audit_age = std::chrono::duration_cast<std::chrono::hours>(x.admin.audit_age.value)};
  parts.drain = [others] {
    if (others)
      others->drain();
    else
      ::kill(::getpid(), SIGTERM);
  };
  made->admin_ = sys.spawn(admin::admin_of_node, std::move(parts));
  made->bridge_ = admin::spawn_bridge(sys, made->admin_);
  admin::rpc_handlers from;
  from.ask = [to = made->bridge_](admin::v1::Call msg, admin::rpc_handlers::answered done) {
    admin::ask_over(to, std::move(msg), std::move(done));
  };
  from.trust = [who = std::make_shared<believer>(pki::folder{data_layout{x}.cluster()})] {
    return who->get();
  };
  from.problems = std::move(problems);
  auto opened = admin::rpc_server::open(std::move(options), std::move(from));
  if (!opened) {
    caf::anon_send_exit(made->admin_, caf::exit_reason::user_shutdown);
    return tl::unexpected{opened.error()};
  }
  made->server_ = std::move(*opened);
  for (std::size_t i = 0; i < made->server_->ports().size(); ++i)
    made->doors_.emplace_back(x.admin.listen.value[i].address.text(), made->server_->ports()[i]);
  return made;
}

administration::~administration() {
  server_.reset();
  if (bridge_)
    caf::anon_send_exit(bridge_, caf::exit_reason::user_shutdown);
}

caf::actor administration::actor() const {
  return caf::actor_cast<caf::actor>(admin_);
}

} // namespace hamlet::node
