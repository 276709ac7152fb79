// SPDX-License-Identifier: Apache-2.0
#include "lib/base/mutation.hpp"
#include "lib/cluster/ownership.hpp"

#include <algorithm>
#include <utility>

namespace hamlet::cluster {

namespace {

constexpr std::size_t witnesses = 2; ///< peers that are asked to look, too

} // namespace

void ownership::on(const event::link_up& x) {
  if (auto at = suspects_.find(x.peer); at != suspects_.end()) {
    at->second.is_link_down = at->second.is_gone = false;
    at->second.is_expired = false;
  }
}

void ownership::on(const event::link_down& x) {
  if (role_ == role::member && x.peer != me_ && view_->alive(x.peer))
    suspects_[x.peer].is_link_down = true;
}

void ownership::on(const event::probe_answered& x) {
  auto at = suspects_.find(x.peer);
  if (at == suspects_.end())
    return;
  if (x.by == me_)
    for (const auto& [peer, _] : std::exchange(at->second.asked_for, {}))
      emit(effect::tell_probe{peer, x.peer, x.found});
  if (x.found == reach::refused)
    at->second.is_gone = true;
  if (x.found != reach::reached)
    return;
  at->second.is_gone = false; // somebody has talked with it
  if (x.by == me_)
    at->second.is_link_down = false;
}

void ownership::on(const event::probe_wanted& x) {
  if (role_ != role::member)
    return;
  if (x.peer == me_)
    return emit(effect::tell_probe{x.from, x.peer, reach::reached});
  if (!view_->alive(x.peer))
    return;
  auto& suspect = suspects_[x.peer];
  suspect.asked_for[x.from] = true;
  if (suspect.asked_for.size() == 1)
    emit(effect::probe{x.peer});
}

/// A judge must itself have been heard by the store all the time: after an outage of the store all
/// hearts seem to have stopped, and nobody is dead.
bool ownership::may_judge() const {
  return now_ - steady_since_ >= rules_.ttl && now_ - accepted_at_ <= rules_.ttl / 2;
}

std::size_t ownership::rank() const {
  return static_cast<std::size_t>(
    std::ranges::count_if(view_->nodes, [&](const node& x) { return x.alive() && x.born < me_; }));
}

void ownership::seize(incarnation peer) {
  for (const auto& x : view_->shards)
    if (x.owner == peer && mine_.try_emplace(x.id, x.epoch + 1).second)
      emit(effect::open_shard{{x.id, x.epoch + 1}});
}

/// Looks after peers whose link is broken, and asks the store to call those dead that are. Low
/// incarnations ask first: in a large cluster the first has mostly done it for all.
void ownership::suspect() {
  std::erase_if(suspects_, [](const auto& x) {
    return !x.second.is_link_down && !x.second.is_gone && !x.second.is_expired
           && x.second.asked_for.empty();
  });
  for (auto& [peer, x] : suspects_) {
    if constexpr (mutation::timeout_is_dead) // MUTATION: who is silent is dead, the store is not
                                             // asked
      if (x.is_link_down && x.next_probe != instant{})
        seize(peer);
    if (x.is_link_down && !x.is_gone && now_ >= x.next_probe) {
      x.next_probe = now_ + rules_.probe_every;
      emit(effect::probe{peer});
      std::size_t asked = 0;
      for (const auto& other : view_->nodes)
        if (asked < witnesses && other.alive() && other.born != me_ && other.born != peer
            && !suspects_.contains(other.born)) {
          emit(effect::ask_probe{other.born, peer});
          ++asked;
        }
    }
    if (!(x.is_gone || x.is_expired) || !may_judge())
      continue;
    if (x.next_declare == instant{}) {
      auto late = std::min<std::int64_t>(static_cast<std::int64_t>(rank()) * 100, 2'000);
      x.next_declare = now_ + instant{late};
    }
    if (now_ < x.next_declare)
      continue;
    x.next_declare = now_ + rules_.retry / 2;
    emit(effect::declare_dead{peer, x.is_gone ? rules_.suspect_age : rules_.ttl});
    x.is_expired = false; // the next beat tells again
  }
}

} // namespace hamlet::cluster
