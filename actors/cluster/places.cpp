// SPDX-License-Identifier: Apache-2.0
#include "actors/cluster/places.hpp"

#include <caf/atom.hpp>
#include <caf/make_message.hpp>
#include <caf/send.hpp>

#include <mutex>
#include <utility>

namespace hamlet::cluster {

namespace {

bool is_in_the_store(shard_kind x) {
  return x == shard_kind::mailbox || x == shard_kind::account || x == shard_kind::queue;
}

/// With what a proxy of a node goes by; the first of all kinds, so that the order stays.
view_ptr with_nodes(const view& seen) {
  std::map<shard_id, shard> living;
  for (auto& x : seen.nodes) // in the order of their starts: of two the later one counts
    if (x.alive())
      living[place_of_node(x.node_id)] = {
        .id = place_of_node(x.node_id), .owner = x.born, .epoch = x.born};
  auto made = std::make_shared<cluster::view>(seen);
  std::vector<shard> shards;
  shards.reserve(living.size() + seen.shards.size());
  for (auto& [id, x] : living)
    shards.push_back(x);
  shards.insert(shards.end(), seen.shards.begin(), seen.shards.end());
  made->shards = std::move(shards);
  return made;
}

} // namespace

void places::publish(view_ptr seen, incarnation me) {
  auto complete = with_nodes(*seen);
  {
    std::unique_lock lock{mutex_};
    view_ = std::move(complete);
    if (std::exchange(me_, me) != me)
      own_.clear(); // of another life of this node
    std::erase_if(moved_, [this](auto& x) {
      auto* known = view_->find(x.first);
      return known && known->epoch >= x.second.epoch;
    });
  }
  nudge_all();
}

void places::open(const reign& of, caf::actor owner) {
  {
    std::unique_lock lock{mutex_};
    own_[of.shard] = {of.epoch, true, std::move(owner)};
    moved_.erase(of.shard);
  }
  nudge(of.shard);
}

void places::seal(const reign& of) {
  std::unique_lock lock{mutex_};
  if (auto found = own_.find(of.shard); found != own_.end() && found->second.epoch == of.epoch)
    found->second.is_open = false;
}

void places::end(const reign& of, incarnation to, std::int64_t epoch) {
  {
    std::unique_lock lock{mutex_};
    if (auto found = own_.find(of.shard); found != own_.end() && found->second.epoch <= of.epoch)
      own_.erase(found);
    if (to != 0)
      moved_[of.shard] = {epoch, to};
  }
  nudge(of.shard);
}

void places::links_changed() {
  nudge_all();
}

places::place places::find(const shard_id& which) const {
  auto may_read = !reads_ || !is_in_the_store(which.kind) || reads_->holds();
  std::shared_lock lock{mutex_};
  if (auto found = own_.find(which); found != own_.end()) {
    auto is_open = found->second.is_open && may_read;
    return {is_open ? state::open : state::sealed, found->second.epoch, me_, found->second.handle};
  }
  place there;
  if (auto* known = view_->find(which)) {
    there.epoch = known->epoch;
    there.owner = view_->alive(known->owner) ? known->owner : 0;
  }
  if (auto found = moved_.find(which); found != moved_.end() && found->second.epoch > there.epoch) {
    there.epoch = found->second.epoch;
    there.owner = found->second.owner;
  }
  return there;
}

view_ptr places::view() const {
  std::shared_lock lock{mutex_};
  return view_;
}

incarnation places::me() const {
  std::shared_lock lock{mutex_};
  return me_;
}

void places::watch(const shard_id& which, caf::actor proxy) {
  std::unique_lock lock{mutex_};
  watchers_.emplace(which, std::move(proxy));
}

void places::forget_watchers() {
  std::unique_lock lock{mutex_};
  watchers_.clear();
}

void places::nudge(const shard_id& which) const {
  std::shared_lock lock{mutex_};
  auto [from, to] = watchers_.equal_range(which);
  for (; from != to; ++from)
    caf::anon_send(from->second, caf::tick_atom_v);
}

void places::nudge_all() const {
  std::shared_lock lock{mutex_};
  for (auto& [which, proxy] : watchers_)
    caf::anon_send(proxy, caf::tick_atom_v);
}

} // namespace hamlet::cluster
