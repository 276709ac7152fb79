// SPDX-License-Identifier: Apache-2.0
#include "actors/cluster/locks.hpp"

#include <utility>

namespace hamlet::cluster {

void locks::see(std::int64_t epoch, instant now) {
  if (epoch <= epoch_)
    return;
  if (std::exchange(epoch_, epoch) != 0)
    opens_at_ = now + reopening;
}

void locks::add(std::uint64_t client, std::int64_t epoch, std::function<void()> renew) {
  held_.insert_or_assign(client, lock{epoch, std::move(renew)});
}

void locks::renewed(std::uint64_t client, std::optional<std::int64_t> epoch) {
  auto found = held_.find(client);
  if (found == held_.end())
    return;
  if (!epoch) {
    held_.erase(found);
    return;
  }
  found->second.epoch = *epoch;
  found->second.is_asked_for = false;
}

bool locks::must_wait(lock_use use, std::uint64_t client, std::int64_t epoch, instant now) const {
  if (use == lock_use::opens)
    return now < opens_at_;
  if (use == lock_use::none)
    return false;
  auto found = held_.find(client);
  return found != held_.end() && found->second.epoch < epoch;
}

std::vector<std::function<void()>> locks::due() {
  std::vector<std::function<void()>> found;
  for (auto& [client, x] : held_)
    if (x.epoch < epoch_ && !std::exchange(x.is_asked_for, true))
      found.push_back(x.renew);
  return found;
}

} // namespace hamlet::cluster
