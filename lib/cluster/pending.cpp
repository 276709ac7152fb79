// SPDX-License-Identifier: Apache-2.0
#include "lib/cluster/pending.hpp"

#include <algorithm>
#include <utility>

namespace hamlet::cluster {

bool pending::add(const command_id& id, const shard_id& shard, std::size_t octets, instant now,
                  instant give_up_at, todo& out) {
  auto& x = queues_[shard];
  if (x.commands.size() >= limits_.commands || octets > limits_.octets - x.octets)
    return false;
  auto later = std::ranges::upper_bound(x.commands, give_up_at, {}, &command::give_up_at);
  x.commands.insert(later, {id, octets, give_up_at});
  x.octets += octets;
  shard_of_.emplace(id, shard);
  flush(shard, x, now, out);
  return true;
}

void pending::pause(const shard_id& shard, instant now) {
  queues_[shard].not_before = now + limits_.busy_for;
}

void pending::resume(const shard_id& shard) {
  if (auto found = queues_.find(shard); found != queues_.end())
    found->second.not_before = {};
}

bool pending::answered(const command_id& id, const answer& what, instant now, todo& out) {
  auto known = shard_of_.find(id);
  if (known == shard_of_.end())
    return false;
  auto shard = known->second;
  auto& x = queues_.at(shard);
  auto at = std::ranges::find(x.commands, id, &command::id);
  switch (what.kind) {
  case answer_kind::done:
    x.octets -= at->octets;
    x.commands.erase(at);
    shard_of_.erase(known);
    if (x.commands.empty())
      queues_.erase(shard);
    return true;
  case answer_kind::moved:
    if (what.epoch > owner_of(shard, x).epoch) {
      x.owner = what.owner;
      x.epoch = what.epoch;
    }
    out.read_view = true;
    break;
  case answer_kind::wrong_owner: // the one with the lower epoch learns; if it is the other, it will
    out.read_view = true;
    x.not_before = now + limits_.busy_for;
    break;
  case answer_kind::busy: x.not_before = now + limits_.busy_for; break;
  case answer_kind::lost: break;
  }
  at->is_sent = false;
  flush(shard, x, now, out);
  return true;
}

void pending::view_changed(view_ptr next, instant now, todo& out) {
  auto before = std::exchange(view_, std::move(next));
  std::erase_if(is_down_, [&](const auto& x) { return !view_->alive(x.first); });
  for (auto& [shard, x] : queues_) {
    auto at = owner_of(shard, x);
    for (auto& c : x.commands)
      if (c.is_sent && (c.to != at.owner || c.epoch != at.epoch)) // nobody will answer any more
        c.is_sent = false;
    flush(shard, x, now, out);
  }
}

void pending::link_down(incarnation peer, instant now, todo& out) {
  is_down_[peer] = true;
  for (auto& [shard, x] : queues_) {
    for (auto& c : x.commands)
      if (c.to == peer)
        c.is_sent = false;
    flush(shard, x, now, out);
  }
}

void pending::link_up(incarnation peer, instant now, todo& out) {
  is_down_.erase(peer);
  for (auto& [shard, x] : queues_)
    flush(shard, x, now, out);
}

void pending::tick(instant now, todo& out) {
  ticked_at_ = now;
  for (auto at = queues_.begin(); at != queues_.end();) {
    auto& [shard, x] = *at;
    expire(x, now, out);
    flush(shard, x, now, out);
    at = x.commands.empty() ? queues_.erase(at) : std::next(at);
  }
}

void pending::expire(queue& x, instant now, todo& out) {
  while (!x.commands.empty() && now >= x.commands.front().give_up_at) { // the oldest is first
    out.given_up.push_back(x.commands.front().id);
    x.octets -= x.commands.front().octets;
    shard_of_.erase(x.commands.front().id);
    x.commands.pop_front();
  }
  for (auto& c : x.commands)
    if (c.is_sent && now >= c.try_until)
      c.is_sent = false;
}

instant pending::wake_at() const {
  auto at = instant::max();
  for (const auto& [shard, x] : queues_) {
    at = std::min(at, x.commands.front().give_up_at);
    for (const auto& c : x.commands)
      if (c.is_sent || x.not_before > ticked_at_)
        at = std::min(at, c.is_sent ? c.try_until : x.not_before);
  }
  return at;
}

/// What is newest: the view, or what an owner said of its successor.
pending::place pending::owner_of(const shard_id& shard, const queue& x) const {
  const auto* known = view_->find(shard);
  if (x.epoch > (known ? known->epoch : 0))
    return {x.owner, x.epoch};
  return known && view_->alive(known->owner) ? place{known->owner, known->epoch} : place{};
}

/// Sends from the first that waits on; those behind it that were sent already are answered or come
/// again by themselves.
void pending::flush(const shard_id& shard, queue& x, instant now, todo& out) {
  auto to = owner_of(shard, x);
  if (to.owner == 0 || is_down_.contains(to.owner) || now < x.not_before)
    return;
  for (auto& c : x.commands) {
    if (c.is_sent)
      continue;
    c.is_sent = true;
    c.to = to.owner;
    c.epoch = to.epoch;
    c.try_until = now + limits_.try_for;
    out.sends.push_back({c.id, shard, to.owner, to.epoch});
  }
}

} // namespace hamlet::cluster
