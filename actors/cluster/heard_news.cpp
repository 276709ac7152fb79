// SPDX-License-Identifier: Apache-2.0
#include "actors/cluster/heard_news.hpp"

#include <algorithm>
#include <vector>

namespace hamlet::cluster {

namespace {

using callbacks = std::vector<std::function<void()>>;

/// Those up to `end` go on.
void take(auto& from, auto end, callbacks& into) {
  for (auto at = from.begin(); at != end; at = from.erase(at))
    into.push_back(std::move(at->second));
}

void call(const callbacks& all) {
  for (auto& f : all)
    f();
}

} // namespace

void heard_news::set(incarnation of, std::uint64_t next) {
  callbacks ready;
  {
    std::lock_guard lock{mutex_};
    auto& x = peers_[of];
    if (next <= x.next)
      return;
    x.next = next;
    take(x.waiting, x.waiting.lower_bound(next), ready);
    waiting_ -= ready.size();
  }
  call(ready);
}

void heard_news::arrive(incarnation of, std::uint64_t next) {
  std::lock_guard lock{mutex_};
  auto& x = peers_[of];
  x.arrived = std::max(x.arrived, next);
}

void heard_news::keep_only(std::span<const incarnation> alive) {
  callbacks ready;
  {
    std::lock_guard lock{mutex_};
    for (auto at = peers_.begin(); at != peers_.end();) {
      if (std::ranges::find(alive, at->first) != alive.end()) {
        ++at;
        continue;
      }
      take(at->second.waiting, at->second.waiting.end(), ready);
      at = peers_.erase(at);
    }
    waiting_ -= ready.size();
  }
  call(ready);
}

bool heard_news::knows(incarnation of, std::uint64_t number, instant now) const {
  std::lock_guard lock{mutex_};
  auto found = peers_.find(of);
  return found == peers_.end() || found->second.knows(number, now);
}

bool heard_news::has_arrived(incarnation of, std::uint64_t number) const {
  std::lock_guard lock{mutex_};
  auto found = peers_.find(of);
  return found != peers_.end() && number < std::max(found->second.arrived, found->second.next);
}

bool heard_news::when_known(incarnation of, std::uint64_t number, instant now,
                            std::function<void()> then) {
  std::lock_guard lock{mutex_};
  auto found = peers_.find(of);
  if (found == peers_.end() || found->second.knows(number, now) || waiting_ >= most_waiting)
    return false;
  found->second.waiting.emplace(number, std::move(then));
  ++waiting_;
  return true;
}

void heard_news::give_up(incarnation of, std::uint64_t number, instant now) {
  callbacks ready;
  {
    std::lock_guard lock{mutex_};
    auto found = peers_.find(of);
    if (found == peers_.end())
      return;
    auto& x = found->second;
    if (x.knows(number, now) || number < x.arrived)
      return;
    x.late_until = now + late;
    take(x.waiting, x.waiting.end(), ready);
    waiting_ -= ready.size();
  }
  call(ready);
}

} // namespace hamlet::cluster
