// SPDX-License-Identifier: Apache-2.0
#include "gateway/link/links.hpp"

#include "gateway/link/callback_queue.hpp"
#include "gateway/link/links_impl.hpp"
#include "gateway/link/security_impl.hpp"
#include "lib/log/log.hpp"

#include <grpcpp/server_builder.h>

namespace hamlet::link {

namespace {

cluster::v1::Probe::Found wire_of(cluster::reach x) {
  switch (x) {
  case cluster::reach::reached: return cluster::v1::Probe::REACHED;
  case cluster::reach::refused: return cluster::v1::Probe::REFUSED;
  case cluster::reach::silent: break;
  }
  return cluster::v1::Probe::SILENT;
}

constexpr std::chrono::milliseconds handshake_timeout{5'000};

} // namespace

// -- start and end ----------------------------------------------------------------

result<void> links::impl::start() {
  keep_callback_queue();
  grpc::ServerBuilder builder;
  auto judge = [this](const std::string& pem) { return judge_certificate(pem, 0, {}); };
  builder.AddListeningPort(own_.listen, server_credentials(own_.who, judge), &port);
  builder.RegisterService(this);
  builder.SetMaxReceiveMessageSize(static_cast<int>(limits_.max_payload + frame_margin));
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0); // two nodes on one port would go unseen
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS,
                             static_cast<int>(handshake_timeout.count()));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, 4);
  server_ = builder.BuildAndStart();
  if (!server_ || port == 0)
    return fail(errc::bad_setup, "the node link cannot listen on " + own_.listen);
  log::info("link", "listening", {{"address", own_.listen}, {"port", port}});
  clock_ = std::thread{[this] { run_clock(); }};
  return {};
}

void links::impl::close() {
  std::vector<std::shared_ptr<stream>> all;
  {
    std::lock_guard lock{mutex_};
    if (closing_)
      return;
    closing_ = true;
    for (auto& [id, x] : streams_)
      all.push_back(x);
  }
  for (auto& x : all)
    x->close(refusal(Refused::LEAVING, "this node ends"));
  all.clear();
  if (server_)
    server_->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds{1});
  {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return streams_.empty(); });
  }
  changed_.notify_all();
  if (clock_.joinable())
    clock_.join();
  server_.reset();
  std::unique_lock lock{telling_};
  all_told_.wait(lock, [this] { return !is_telling_; });
}

void links::impl::run_clock() {
  auto step = std::clamp(limits_.probe / 4, instant{10}, instant{250});
  std::unique_lock lock{mutex_};
  while (!closing_ || !streams_.empty()) {
    auto calls = closing_ || born_ == 0 ? std::vector<link_peer>{} : peers_.due(now());
    std::vector<std::shared_ptr<stream>> all;
    for (auto& [id, x] : streams_)
      all.push_back(x);
    lock.unlock();
    for (auto& x : calls)
      dial(x);
    for (auto& x : all)
      x->tick();
    all.clear();
    lock.lock();
    if (!closing_ || !streams_.empty())
      changed_.wait_for(lock, step);
  }
}

// -- who is there -------------------------------------------------------------------

void links::impl::introduce_as(std::int64_t incarnation) {
  std::vector<std::shared_ptr<stream>> all;
  {
    std::lock_guard lock{mutex_};
    if (std::exchange(born_, incarnation) == incarnation)
      return;
    for (auto& [at, x] : streams_)
      all.push_back(x);
  }
  for (auto& x : all)
    x->close(refusal(Refused::LEAVING, "another start of this node follows"));
  changed_.notify_all();
}

void links::impl::set_peers(std::vector<link_peer> peers) {
  std::vector<std::shared_ptr<stream>> gone;
  {
    std::lock_guard lock{mutex_};
    for (auto id : peers_.set(std::move(peers)))
      for (auto& [at, x] : streams_)
        if (auto found = linked_.find(id);
            x->dialled() == id || (found != linked_.end() && found->second.by == x))
          gone.push_back(x);
  }
  for (auto& x : gone)
    x->close(refusal(Refused::STALE, "a later view has no such node"));
  changed_.notify_all();
}

result<bool> links::impl::take_revocations(const std::string& pem) {
  std::vector<std::shared_ptr<stream>> gone, others;
  {
    std::lock_guard lock{mutex_};
    auto before = believes_.revocations().number();
    auto next = believes_.with(pem);
    if (!next)
      return tl::unexpected{next.error()};
    if (next->revocations().number() == before)
      return false;
    believes_ = std::move(*next);
    for (auto& [id, x] : linked_)
      (believes_.revocations().has(x.serial) ? gone : others).push_back(x.by);
  }
  for (auto& x : gone)
    x->close(refusal(Refused::REVOKED, "the certificate was revoked"));
  for (auto& x : others)
    x->tell_revocations(pem);
  return true;
}

// -- what others see ------------------------------------------------------------------

links::links(std::unique_ptr<impl> x) : impl_{std::move(x)} {
}

links::~links() {
  close();
}

result<std::unique_ptr<links>> links::open(self own, callbacks told, const rules& limits) {
  auto made = std::make_unique<impl>(std::move(own), std::move(told), limits);
  auto started = made->start();
  if (!started)
    return tl::unexpected{started.error()};
  return std::unique_ptr<links>{new links{std::move(made)}};
}

std::uint16_t links::port() const {
  return static_cast<std::uint16_t>(impl_->port);
}

void links::introduce_as(std::int64_t incarnation) {
  impl_->introduce_as(incarnation);
}

void links::set_peers(std::vector<link_peer> peers) {
  impl_->set_peers(std::move(peers));
}

void links::tell_view(std::int64_t version) {
  impl_->for_each_linked([version](stream& x) { x.tell_view(version); });
}

result<void> links::set_revocations(const std::string& pem) {
  auto done = impl_->take_revocations(pem);
  return done ? result<void>{} : tl::unexpected{done.error()};
}

void links::probe(std::int64_t incarnation) {
  impl_->probe(incarnation);
}

void links::ask_probe(std::int64_t via, std::int64_t incarnation) {
  if (auto to = impl_->find(via))
    to->tell_probe(incarnation, cluster::v1::Probe::WANTED);
}

void links::tell_probe(std::int64_t to, std::int64_t incarnation, cluster::reach found) {
  if (auto peer = impl_->find(to))
    peer->tell_probe(incarnation, wire_of(found));
}

void links::send(std::int64_t incarnation, cluster::command x, cluster::on_reply done) {
  auto to = impl_->find(incarnation);
  if (!to)
    return done({cluster::delivery::unreachable, 0, 0, {}, errc::none, {}});
  auto is_note = x.is_note;
  if (!to->submit(x, done))
    done({cluster::delivery::busy, 0, 0, {}, errc::none, {}});
  else if (is_note)
    done({cluster::delivery::ok, 0, 0, {}, errc::none, {}});
}

bool links::is_up(std::int64_t incarnation) const {
  return impl_->find(incarnation) != nullptr;
}

void links::close() {
  impl_->close();
}

} // namespace hamlet::link
