// SPDX-License-Identifier: Apache-2.0
#include "node/cluster.hpp"

#include <caf/send.hpp>

#include <utility>

// The owners of the shards that this node has: begun, sealed, ended.

using namespace std::chrono_literals;

namespace hamlet::node {

namespace {

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

} // namespace

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
    caf::delayed_anon_send(gatherer_, gather_again,
                           resumption{std::make_shared<cluster::reign>(of)});
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

void cluster_part::end_all() {
  std::lock_guard lock{owners_mutex_};
  is_closed_ = true;
  gathering_.clear();
  for (auto& [id, x] : std::exchange(running_, {}))
    end_at_once(id.kind, x);
  make_ = {};
}

} // namespace hamlet::node
