// SPDX-License-Identifier: Apache-2.0
#include "actors/account/registration_guard.hpp"

namespace hamlet {

namespace {

bool is_full(std::size_t bound, std::size_t count) {
  return bound != 0 && count >= bound;
}

} // namespace

void registration_guard::forget(times& x, clock::time_point before) {
  while (!x.empty() && x.front() <= before)
    x.pop_front();
}

bool registration_guard::take(std::string_view client, clock::time_point now) {
  std::lock_guard lock{mutex_};
  forget(all_, now - bounds_.in_all_within);
  if (is_full(bounds_.in_all, all_.size()))
    return false;
  // One that was let in is also in all_, so the sweep is seldom and short.
  auto before = now - bounds_.of_a_client_within;
  std::erase_if(clients_, [&](auto& x) { return x.second.back() <= before; });
  auto known = clients_.find(client);
  if (known != clients_.end()) {
    forget(known->second, before);
    if (is_full(bounds_.of_a_client, known->second.size()))
      return false;
  }
  if (bounds_.in_all != 0)
    all_.push_back(now);
  if (bounds_.of_a_client != 0)
    clients_[std::string{client}].push_back(now);
  return true;
}

void registration_guard::change(registration_bounds bounds) {
  std::lock_guard lock{mutex_};
  bounds_ = bounds;
}

std::size_t registration_guard::known_clients() const {
  std::lock_guard lock{mutex_};
  return clients_.size();
}

} // namespace hamlet
