// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace hamlet {

/// How many accounts strangers may make; a count of 0: no limit.
struct registration_bounds {
  std::size_t in_all = 30;
  std::chrono::milliseconds in_all_within{600'000};
  std::size_t of_a_client = 3;
  std::chrono::milliseconds of_a_client_within{3'600'000};
};

/// Counts the accounts that strangers make, so that a flood of them ends, and so that each costs
/// one Argon2id only within bounds. Shared by all ACCOUNTs of a node.
class registration_guard {
public:
  using clock = std::chrono::steady_clock;

  explicit registration_guard(registration_bounds bounds) : bounds_{bounds} {}

  /// Takes one of what is left; false: nothing is.
  bool take(std::string_view client, clock::time_point now);

  void change(registration_bounds bounds);
  std::size_t known_clients() const;

private:
  using times = std::deque<clock::time_point>; ///< the oldest first
  static void forget(times& x, clock::time_point before);

  mutable std::mutex mutex_; // over all below
  registration_bounds bounds_;
  times all_;
  std::map<std::string, times, std::less<>> clients_;
};

} // namespace hamlet
