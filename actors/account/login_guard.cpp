// SPDX-License-Identifier: Apache-2.0
#include "actors/account/login_guard.hpp"

#include "lib/base/network.hpp"

#include <algorithm>

namespace hamlet {

namespace {

constexpr std::size_t most_guesses = 1000; // that are kept of a client without a limit

bool is_reached(std::size_t limit, std::size_t count) {
  return limit > 0 && count >= limit;
}

} // namespace

std::string guesser_of(const std::string& client) {
  auto address = ip_address::of(client);
  return address && !address->is_v4() ? address->masked(64).text() : client;
}

login_guard::attempts* login_guard::find(std::string_view client, clock::time_point now) {
  auto found = clients_.find(client);
  if (found == clients_.end())
    return nullptr;
  if (now - found->second.since < rules_.window)
    return &found->second;
  clients_.erase(found);
  return nullptr;
}

bool login_guard::is_throttled(std::string_view client, std::string_view name,
                               clock::time_point now) {
  std::lock_guard lock{mutex_};
  auto* known = find(client, now);
  if (!known)
    return false;
  if (is_reached(rules_.failures_per_client, known->total))
    return true;
  auto tried = known->by_name.find(name);
  return tried != known->by_name.end()
         && is_reached(rules_.failures_per_name, tried->second.size());
}

void login_guard::failed(std::string_view client, std::string_view name, std::string_view digest,
                         clock::time_point now) {
  std::lock_guard lock{mutex_};
  if (clients_.size() >= sweep_at_) {
    std::erase_if(clients_, [&](auto& x) { return now - x.second.since >= rules_.window; });
    sweep_at_ = std::max<std::size_t>(1024, clients_.size() * 2);
  }
  auto* known = find(client, now);
  if (!known) {
    known = &clients_[std::string{client}];
    known->since = now;
  }
  if (known->total >= std::max(rules_.failures_per_client, most_guesses))
    return; // nothing more is kept of it
  if (known->by_name[std::string{name}].insert(std::string{digest}).second)
    ++known->total;
}

void login_guard::change(guard_rules rules) {
  std::lock_guard lock{mutex_};
  rules_ = rules;
}

std::size_t login_guard::known_clients() const {
  std::lock_guard lock{mutex_};
  return clients_.size();
}

} // namespace hamlet
