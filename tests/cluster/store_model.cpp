// SPDX-License-Identifier: Apache-2.0
#include "tests/cluster/store_model.hpp"

#include "lib/base/mutation.hpp"

namespace hamlet::simulation {

store_model::store_model(std::int32_t mailboxes, std::int32_t channels, complain tell)
    : tell_{std::move(tell)} {
  for (std::int32_t i = 0; i < mailboxes; ++i) {
    shards_[{shard_kind::mailbox, i}] = {{shard_kind::mailbox, i}};
    mailboxes_[{shard_kind::mailbox, i}];
  }
  for (std::int32_t i = 0; i < channels; ++i)
    shards_[{shard_kind::channel, i}] = {{shard_kind::channel, i}};
}

event::change_answered store_model::changed(bool is_done) {
  version_ += is_done;
  return {is_done ? outcome::accepted : outcome::refused, version_};
}

bool store_model::alive(incarnation who) const {
  auto at = nodes_.find(who);
  return at != nodes_.end() && at->second.state != node_state::dead;
}

event::join_answered store_model::join(std::int64_t node_id, moment now) {
  for (auto& [born, x] : nodes_)
    if (x.node_id == node_id)
      x.state = node_state::dead;
  nodes_[++last_] = {node_id, node_state::up, now};
  return {changed(true).result, last_, version_};
}

event::beat_answered store_model::beat(const effect::beat& x, moment now, moment ttl) {
  event::beat_answered said{outcome::refused, x.sent_at, version_, now, {}};
  if (!alive(x.me))
    return said;
  said.result = outcome::accepted;
  nodes_.at(x.me).heartbeat = now;
  for (const auto& [born, row] : nodes_)
    if (row.state != node_state::dead && now - row.heartbeat > ttl)
      said.expired.push_back(born);
  return said;
}

view_ptr store_model::read(std::int64_t known) {
  if (known == version_)
    return nullptr;
  if (cache_ && cache_->version == version_)
    return cache_;
  auto made = std::make_shared<view>();
  made->version = version_;
  for (const auto& [born, x] : nodes_)
    made->nodes.push_back({x.node_id, born, {}, {}, 1, 1, x.state});
  for (const auto& [id, x] : shards_)
    made->shards.push_back(x);
  return cache_ = made;
}

void store_model::owns(shard& x, incarnation who, moment now) {
  bool is_first = x.owner == 0;
  x.owner = who;
  ++x.epoch;
  x.target = 0;
  x.moved_at = is_first ? 0 : now + 1;
  ++changes_;
  if (!reigns_.emplace(reign{x.id, x.epoch}, who).second)
    tell_("I6: an epoch has two owners");
}

bool store_model::was_owner(const reign& of, incarnation who) const {
  auto at = reigns_.find(of);
  return at != reigns_.end() && at->second == who;
}

event::change_answered store_model::claim(const effect::claim& x, moment now) {
  bool any = false;
  if (alive(x.me) && nodes_.at(x.me).state == node_state::up)
    for (const auto& w : x.wanted)
      if (auto& row = shards_.at(w.shard); row.epoch == w.epoch && !alive(row.owner)) {
        owns(row, x.me, now);
        any = true;
      }
  return changed(any);
}

event::change_answered store_model::hand_over(const effect::hand_over& x, moment now) {
  auto& row = shards_.at(x.of.shard);
  bool fits = row.epoch == x.of.epoch && row.owner == x.me && alive(x.me) && alive(x.to)
              && (x.to == x.me || nodes_.at(x.to).state == node_state::up);
  if (fits)
    owns(row, x.to, now);
  return changed(fits);
}

event::change_answered store_model::place(const effect::place& x) {
  bool any = false;
  for (const auto& m : x.moves)
    if (auto& row = shards_.at(m.of.shard); row.epoch == m.of.epoch && row.owner != 0) {
      row.target = m.to;
      any = true;
    }
  return changed(any);
}

event::change_answered store_model::declare_dead(const effect::declare_dead& x, moment now) {
  bool fits = alive(x.peer) && now - nodes_.at(x.peer).heartbeat > x.age.count();
  if (fits)
    nodes_.at(x.peer).state = node_state::dead;
  return changed(fits);
}

event::change_answered store_model::mark_draining(incarnation me) {
  bool fits = alive(me);
  if (fits)
    nodes_.at(me).state = node_state::draining;
  return changed(fits);
}

event::leave_answered store_model::leave(incarnation me) {
  bool fits = alive(me);
  if (fits)
    nodes_.at(me).state = node_state::dead;
  return {changed(fits).result};
}

/// The guard of each write, and the rules that it is there for.
bool store_model::passes(const fence& f) {
  const auto& row = shards_.at(f.of.shard);
  bool fits = row.epoch == f.of.epoch && alive(f.me);
  if (!fits && !mutation::no_fence) // MUTATION: who once was the owner writes on
    return false;
  auto& box = mailboxes_.at(f.of.shard);
  if (f.of.epoch != row.epoch)
    tell_("I7: a write of an old epoch is committed");
  if (f.of.epoch < box.last_epoch)
    tell_("I5: epochs of committed writes go down");
  box.last_epoch = f.of.epoch;
  return true;
}

store_model::written store_model::deliver(const fence& f, const wish& w, std::int64_t uid_wanted) {
  if (!passes(f))
    return {true};
  auto& box = mailboxes_.at(f.of.shard);
  auto known = box.seen.find(w);
  if (known != box.seen.end() && !mutation::no_command_dedup) // MUTATION: each command is new
    return {false, known->second, box.inserted};
  // MUTATION: what is next is not asked in the transaction
  auto uid = mutation::uid_from_memory ? uid_wanted : box.uidnext++;
  if (uid <= box.highest_ever)
    tell_("I3: a UID is given again or goes down");
  box.highest_ever = std::max(box.highest_ever, uid);
  box.uids.insert(uid);
  box.seen[w] = uid;
  ++box.inserted;
  if (++box.copies[w] > 1)
    tell_("I2: a message is in a mailbox twice");
  return {false, uid, box.inserted};
}

store_model::written store_model::purge(const fence& f) {
  if (!passes(f))
    return {true};
  auto& box = mailboxes_.at(f.of.shard);
  box.uids.clear();
  return {false, 0, box.inserted};
}

store_model::written store_model::load(const shard_id& which) const {
  const auto& box = mailboxes_.at(which);
  return {false, box.uids.empty() ? 0 : *box.uids.rbegin(), box.inserted};
}

int store_model::copies(const wish& w) const {
  int n = 0;
  for (const auto& [id, box] : mailboxes_)
    if (auto at = box.copies.find(w); at != box.copies.end())
      n += at->second;
  return n;
}

} // namespace hamlet::simulation
