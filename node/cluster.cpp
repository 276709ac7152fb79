// SPDX-License-Identifier: Apache-2.0
#include "node/cluster.hpp"

#include "lib/crypto/digest.hpp"
#include "lib/log/log.hpp"
#include "lib/text/hex.hpp"
#include "node/revocations.hpp"
#include "node/rules.hpp"

#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <csignal>
#include <unistd.h>
#include <utility>

using namespace std::chrono_literals;

namespace hamlet::node {

namespace {

constexpr auto join_patience = 30s;
constexpr std::size_t most_waiting = 1000; // operations of MEMBERSHIP

std::string_view name_of(cluster::link_refused::reason x) {
  using enum cluster::link_refused::reason;
  switch (x) {
  case certificate: return "certificate";
  case revoked: return "revoked";
  case name: return "name";
  case cluster: return "cluster";
  case wire_version: return "version";
  case stale: return "stale";
  case protocol: return "protocol";
  case leaving: return "leaving";
  }
  return "unknown";
}

} // namespace

result<std::unique_ptr<cluster_part>> cluster_part::open(caf::actor_system& sys,
                                                         const config::settings& x, store& data) {
  auto who = pki::folder{data_layout{x}.cluster()}.load();
  if (!who)
    return fail(errc::bad_setup,
                "cluster.node is set, but this node has no certificate: run `hamlet cluster init` "
                "on the first node, `hamlet cluster join` on others ("
                  + who.error().detail + ")");
  // What one node has sealed the others must be able to open.
  auto beats = data.connect();
  if (!beats)
    return tl::unexpected{beats.error()};
  std::vector<sql::database> looks;
  auto look = data.connect();
  if (!look)
    return tl::unexpected{look.error()};
  looks.push_back(std::move(*look));
  std::unique_ptr<cluster_part> made{
    new cluster_part{sys, x, std::move(*who), std::move(*beats), std::move(looks)}};
  auto print = to_hex(crypto::sha256(data.key().derive("cluster")));
  auto agreed =
    wait<std::string>([&](auto done) { made->rows_.agree("server_key", print, std::move(done)); });
  if (!agreed)
    return tl::unexpected{agreed.error()};
  if (*agreed != print)
    return fail(errc::bad_setup, data_layout{x}.key().string()
                                   + " is not the key of this cluster: copy that file from "
                                     "another node");
  if (auto good = check_own(made->papers_, made->who_, made->rows_); !good)
    return tl::unexpected{good.error()};
  return made;
}

cluster_part::cluster_part(caf::actor_system& sys, const config::settings& x, pki::identity who,
                           sql::database beats, std::vector<sql::database> looks)
    : sys_{sys}, node_{static_cast<std::uint16_t>(x.cluster.node.value)},
      papers_{data_layout{x}.cluster()}, who_{std::move(who)},
      listen_{x.cluster.listen.value.front().text()},
      address_{!x.cluster.address.value.empty()
                 ? x.cluster.address.value
                 : hostname(x) + ":" + std::to_string(x.cluster.listen.value.front().port)},
      changes_{std::move(beats), {.queue = most_waiting}, nullptr},
      views_{std::move(looks), most_waiting}, proxies_{std::make_shared<cluster::proxy_parts>()} {
  proxies_->where = where_;
}

cluster_part::~cluster_part() {
  close();
}

void cluster_part::put_proxies(router::tables& into) {
  cluster::put_mail_proxies(sys_, into, proxies_);
  for (auto& x : into.accounts)
    spawned_.push_back(caf::actor_cast<caf::actor>(x));
  for (auto& x : into.mailboxes)
    spawned_.push_back(caf::actor_cast<caf::actor>(x));
  cluster::put_chat_proxies(sys_, into, proxies_);
  for (auto* table : {&into.nicks, &into.channels})
    for (auto& x : *table)
      spawned_.push_back(caf::actor_cast<caf::actor>(x));
  nodes_ = std::make_unique<cluster::node_doors>(sys_, proxies_);
}

result<void_t> cluster_part::join(owners make) {
  cluster::membership_parts parts{
    .rows = rows_, .self = {}, .rules = {}, .link = nullptr, .owners = this, .reads = reads_};
  parts.self = {node_, who_.node, address_, static_cast<std::int32_t>(link::wire_min),
                static_cast<std::int32_t>(link::wire_max)};
  auto may = wait<void_t>([&](auto done) { rows_.may_join(parts.self, std::move(done)); });
  if (!may && may.error().code == errc::bad_setup)
    return tl::unexpected{may.error()};
  make_ = std::move(make);
  gatherer_ = sys_.spawn([this](caf::event_based_actor*) -> caf::behavior {
    return {
      [this](const resumption& x) { again(*static_cast<const cluster::reign*>(x.answer.get())); }};
  });
  inbox_ =
    sys_.spawn(cluster::inbox, std::shared_ptr<const cluster::places>{where_}, proxies_->heard);
  link::callbacks heard;
  heard.events = [this](const cluster::link_event& x) { hear(x); };
  heard.commands = cluster::into(inbox_);
  heard.revocations = [this](const std::string& pem) {
    if (auto kept = papers_.save_revocations(pem); !kept)
      log::error("cluster", "list of revoked certificates not kept",
                 {{"why", kept.error().detail}});
    look_at_papers();
  };
  auto opened = link::links::open({node_, 0, listen_, who_}, std::move(heard));
  if (!opened)
    return tl::unexpected{opened.error()};
  links_ = std::move(*opened);
  proxies_->out = links_.get();
  parts.link = links_.get();
  auto end = [this] {
    is_revoked_ = true;
    ::kill(::getpid(), SIGTERM);
  };
  auto cut = [this](const std::string& pem) { return links_->set_revocations(pem); };
  auto keeper = sys_.spawn(revocations, revocation_parts{papers_, who_, rows_, cut, end});
  {
    std::lock_guard lock{mutex_};
    revocations_ = keeper;
  }
  parts.on_joined = [this](cluster::incarnation me) { joined(me); };
  // A thread of its own: it must beat when all others are busy.
  auto made = sys_.spawn<caf::detached>(cluster::membership, std::move(parts));
  {
    std::lock_guard lock{mutex_};
    membership_ = made;
  }
  proxies_->read_view = [this, tell = cluster::listener_of(made)] {
    tell(cluster::view_hint{0, where_->view()->version + 1});
  };
  cluster::start(made);
  auto told = ready_.get_future();
  if (told.wait_for(join_patience) != std::future_status::ready)
    return fail(errc::bad_setup, "the store does not let this node into the cluster");
  return void_t{};
}

/// Each start has a number of its own, and so has each return of a node that was taken for dead.
void cluster_part::joined(cluster::incarnation me) {
  links_->introduce_as(me);
  log::info("cluster", "joined",
            {{"name", who_.node}, {"node", static_cast<std::int64_t>(node_)}, {"start", me}});
  if (!is_ready_.exchange(true))
    ready_.set_value();
}

void cluster_part::drain() {
  is_draining_ = true;
  std::lock_guard lock{mutex_};
  if (membership_)
    cluster::drain(membership_);
}

void cluster_part::leave(std::chrono::milliseconds patience) {
  if (!membership_ || !is_ready_)
    return;
  auto gone = out_.get_future();
  cluster::stop(membership_);
  if (gone.wait_for(patience) != std::future_status::ready)
    log::warning("cluster", "left without a word", {{"why", "the store did not answer in time"}});
}

void cluster_part::close() {
  if (links_)
    links_->close(); // from here on nobody calls us but our own actors
  caf::scoped_actor self{sys_};
  for (auto* x : {&membership_, &inbox_, &gatherer_, &revocations_})
    if (auto one = std::exchange(*x, nullptr)) {
      self->send_exit(one, caf::exit_reason::kill);
      self->wait_for(one);
    }
  where_->forget_watchers();
  for (auto& x : std::exchange(spawned_, {}))
    caf::anon_send_exit(x, caf::exit_reason::user_shutdown);
  if (nodes_)
    nodes_->close();
  proxies_->relay = fanout_actor{};
  end_all();
}

// -- what the link sees -----------------------------------------------------------

void cluster_part::hear(const cluster::link_event& x) {
  if (auto* up = std::get_if<cluster::link_up>(&x)) {
    log::info("cluster", "link", {{"to", up->name}, {"start", up->incarnation}});
    {
      std::lock_guard lock{first_mutex_};
      met_.insert(up->incarnation);
    }
    look_whether_first();
  } else if (auto* down = std::get_if<cluster::link_down>(&x))
    log::warning("cluster", "link lost", {{"start", down->incarnation}, {"why", down->why}});
  else if (auto* no = std::get_if<cluster::link_refused>(&x)) {
    log::warning("cluster", "link refused",
                 {{"name", no->name},
                  {"by_peer", no->by_peer},
                  {"reason", name_of(no->why)},
                  {"why", no->detail}});
    if (no->by_peer && no->why == cluster::link_refused::reason::revoked)
      look_at_papers(); // it knows something that we do not
  }
  cluster::tell(inbox_, x);
  where_->links_changed();
  std::lock_guard lock{mutex_};
  if (membership_)
    cluster::listener_of(membership_)(x);
}

void cluster_part::look_at_papers() {
  std::lock_guard lock{mutex_};
  if (revocations_)
    look(revocations_);
}

// -- what MEMBERSHIP sees ---------------------------------------------------------

void cluster_part::publish(cluster::view_ptr seen, cluster::incarnation me) {
  auto is_new = std::exchange(me_, me) != me;
  auto* self = seen->find(me);
  if (self && self->state == cluster::node_state::draining && !is_draining_.exchange(true))
    log::info("cluster", "drained", {{"why", "an administrator has said so to another node"}});
  where_->publish(std::move(seen), me);
  if (is_new && me != 0 && make_.relay)
    where_->open({cluster::place_of_node(node_), me}, make_.relay);
  look_whether_first();
}

// -- the first of all --------------------------------------------------------------

void cluster_part::when_first(std::function<void()> restore) {
  {
    std::lock_guard lock{first_mutex_};
    restore_ = std::move(restore);
  }
  look_whether_first();
}

bool cluster_part::is_eldest() const {
  auto view = where_->view();
  auto me = where_->me();
  return me != 0 && std::ranges::none_of(view->nodes, [me](const cluster::node& x) {
           return x.alive() && x.born < me;
         });
}

void cluster_part::look_whether_first() {
  std::function<void()> restore;
  {
    std::lock_guard lock{first_mutex_};
    auto view = where_->view();
    auto me = where_->me();
    if (!restore_ || view->find(me) == nullptr)
      return; // nor are the others known yet
    auto is_first = true;
    for (auto& x : view->nodes)
      if (x.alive() && x.born < me) {
        is_first = false;
        if (met_.contains(x.born))
          restore_ = nullptr; // it knows who is there
      }
    if (is_first)
      restore = std::exchange(restore_, nullptr);
  }
  if (restore)
    restore();
}

void cluster_part::stopped() {
  if (std::exchange(is_out_, true))
    return;
  out_.set_value();
  if (is_draining_)
    ::kill(::getpid(), SIGTERM);
}

} // namespace hamlet::node
