// SPDX-License-Identifier: Apache-2.0
#include "node/cluster.hpp"

#include "lib/crypto/digest.hpp"
#include "lib/log/log.hpp"
#include "lib/text/hex.hpp"
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
constexpr auto papers_every = 20s;         // the folder is looked at
constexpr std::size_t most_waiting = 1000; // operations of MEMBERSHIP
constexpr auto gather_again = 500ms;
constexpr auto look_delay = 300ms; // many shards come together: one look for all

sql::fence fence_of(const cluster::reign& of, cluster::incarnation me) {
  return {static_cast<std::int32_t>(of.shard.kind), of.shard.number, of.epoch, me};
}

bool is_of_chat(cluster::shard_kind x) {
  return x == cluster::shard_kind::nick || x == cluster::shard_kind::channel;
}

/// Those of chat would bring to an end what they have begun; those of mail have others to end.
void end_at_once(cluster::shard_kind kind, const caf::actor& owner) {
  caf::anon_send_exit(owner,
                      is_of_chat(kind) ? caf::exit_reason::kill : caf::exit_reason::user_shutdown);
}

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
  reader_ = sys_.spawn([this](caf::event_based_actor* self) -> caf::behavior {
    self->delayed_send(self, papers_every, caf::tick_atom_v);
    return {
      [this, self](caf::tick_atom) {
        read_revocations();
        self->delayed_send(self, papers_every, caf::tick_atom_v);
      },
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
  };
  auto opened = link::links::open({node_, 0, listen_, who_}, std::move(heard));
  if (!opened)
    return tl::unexpected{opened.error()};
  links_ = std::move(*opened);
  proxies_->out = links_.get();
  parts.link = links_.get();
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

void cluster_part::read_revocations() {
  auto papers = papers_.load();
  if (!papers || papers->believes.revocations().number() <= list_)
    return;
  list_ = papers->believes.revocations().number();
  if (auto taken = links_->set_revocations(papers->believes.revocations().pem()); taken)
    log::info("cluster", "certificates revoked", {{"list", static_cast<std::int64_t>(list_)}});
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
  for (auto* x : {&membership_, &inbox_, &reader_})
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
  std::lock_guard lock{owners_mutex_};
  is_closed_ = true;
  gathering_.clear();
  for (auto& [id, x] : std::exchange(running_, {}))
    end_at_once(id.kind, x);
  make_ = {};
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
  else if (auto* no = std::get_if<cluster::link_refused>(&x))
    log::warning("cluster", "link refused",
                 {{"name", no->name},
                  {"by_peer", no->by_peer},
                  {"reason", name_of(no->why)},
                  {"why", no->detail}});
  cluster::tell(inbox_, x);
  where_->links_changed();
  std::lock_guard lock{mutex_};
  if (membership_)
    cluster::listener_of(membership_)(x);
}

// -- owners -----------------------------------------------------------------------

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

void cluster_part::open(const cluster::reign& of) {
  using enum cluster::shard_kind;
  caf::actor owner;
  if (is_of_chat(of.shard.kind))
    return open_chat(of);
  if (of.shard.kind == mailbox)
    owner = make_.mailboxes(fence_of(of, me_));
  else if (of.shard.kind == account)
    owner = make_.accounts(fence_of(of, me_));
  else
    return; // no actor of this kind is shared
  {
    std::lock_guard lock{owners_mutex_};
    running_[of.shard] = owner;
  }
  where_->open(of, std::move(owner));
  auto now = std::chrono::steady_clock::now();
  if (of.shard.kind != mailbox || now < looks_at_)
    return;
  looks_at_ = now + look_delay;
  caf::delayed_anon_send(make_.queue, look_delay, mail::v1::Wake{});
}

void cluster_part::open_chat(const cluster::reign& of) {
  if (!make_.chat)
    return;
  {
    std::lock_guard lock{owners_mutex_};
    gathering_[of.shard] = of.epoch;
  }
  again(of);
}

/// It may be somebody else's meanwhile.
void cluster_part::opened(const cluster::reign& of, caf::actor owner) {
  std::lock_guard lock{owners_mutex_};
  auto found = gathering_.find(of.shard);
  if (is_closed_ || found == gathering_.end() || found->second != of.epoch) {
    if (owner)
      caf::anon_send_exit(owner, caf::exit_reason::user_shutdown);
    return;
  }
  if (!owner) { // some have not answered
    caf::delayed_anon_send(reader_, gather_again, resumption{std::make_shared<cluster::reign>(of)});
    return;
  }
  gathering_.erase(found);
  running_[of.shard] = owner;
  where_->open(of, std::move(owner));
}

void cluster_part::again(const cluster::reign& of) {
  {
    std::lock_guard lock{owners_mutex_};
    auto found = gathering_.find(of.shard);
    if (is_closed_ || found == gathering_.end() || found->second != of.epoch)
      return;
  }
  make_.chat(of, [this, of](caf::actor owner) { opened(of, std::move(owner)); });
}

void cluster_part::seal(const cluster::reign& of, std::function<void()> finished) {
  where_->seal(of);
  std::lock_guard lock{owners_mutex_};
  gathering_.erase(of.shard);
  auto found = running_.find(of.shard);
  if (found == running_.end())
    return finished();
  if (is_of_chat(
        of.shard.kind)) { // what it has begun is done, and told, before anybody else has it
    found->second->attach_functor(
      [tell = make_.when_told, finished = std::move(finished)] { tell(finished); });
    caf::anon_send(found->second, caf::exit_msg{nullptr, caf::exit_reason::user_shutdown});
  } else {
    found->second->attach_functor([finished = std::move(finished)] { finished(); });
    caf::anon_send_exit(found->second, caf::exit_reason::user_shutdown);
    running_.erase(found);
  }
}

void cluster_part::end(const cluster::reign& of, cluster::incarnation to, std::int64_t epoch) {
  where_->end(of, to, epoch);
  std::lock_guard lock{owners_mutex_};
  gathering_.erase(of.shard);
  if (auto found = running_.find(of.shard); found != running_.end()) {
    end_at_once(of.shard.kind, found->second); // it is another's already
    running_.erase(found);
  }
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
