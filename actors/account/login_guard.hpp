// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

namespace hamlet {

/// What the administrator decides about guessing; 0: no limit.
struct guard_rules {
  std::size_t failures_per_client = 60; ///< from one address, over all names
  std::size_t failures_per_name = 20;   ///< for one name from one address
  std::chrono::seconds window{600};     ///< in which failures are counted
};

/// Who guesses: the address of a client, an IPv6 /64 as one, for that is one customer of a
/// provider.
std::string guesser_of(const std::string& client);

/// Counts wrong passwords, so that guessing becomes slow while a school behind one address goes
/// on logging in. The same wrong password again is no new guess: a phone that still has the old
/// one neither locks out its owner nor its neighbours. Shared by all ACCOUNTs of a node.
class login_guard {
public:
  using clock = std::chrono::steady_clock;

  explicit login_guard(guard_rules rules) : rules_{rules} {}

  /// Too many failures: do not even look at the password.
  bool is_throttled(std::string_view client, std::string_view name, clock::time_point now);

  /// @param digest Of what was tried, made with a secret of the process; never the password.
  void failed(std::string_view client, std::string_view name, std::string_view digest,
              clock::time_point now);

  void change(guard_rules rules);
  std::size_t known_clients() const;

private:
  struct attempts {
    std::map<std::string, std::set<std::string>, std::less<>> by_name; ///< name -> digests
    std::size_t total = 0;
    clock::time_point since{};
  };
  attempts* find(std::string_view client, clock::time_point now);

  mutable std::mutex mutex_; // over all below
  guard_rules rules_;
  std::map<std::string, attempts, std::less<>> clients_; // a tree: strangers choose the keys
  std::size_t sweep_at_ = 1024;
};

} // namespace hamlet
