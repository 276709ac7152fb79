// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/cluster/view.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <span>

namespace hamlet::cluster {

/// Up to which number this node has taken the news of each other: what RELAY writes, and what it
/// and the INBOX look at before they take what those news have caused. Any thread.
class heard_news {
public:
  using instant = std::chrono::steady_clock::time_point;

  /// So long something waits for what has caused it; then it goes on without, for it may be that
  /// two nodes do not reach each other.
  static constexpr std::chrono::milliseconds patience{2'000};
  /// And so long nothing waits for that node again.
  static constexpr std::chrono::seconds late{30};
  static constexpr std::size_t most_waiting = 10'000;

  /// @param next All news of this node before this number are known.
  void set(incarnation of, std::uint64_t next);
  /// All before this number are here, though some wait for what has caused them.
  void arrive(incarnation of, std::uint64_t next);
  /// Those who live, this node not among them. For what others tell nobody waits.
  void keep_only(std::span<const incarnation> alive);

  /// True as well where nobody is to be waited for.
  bool knows(incarnation of, std::uint64_t number, instant now) const;
  bool has_arrived(incarnation of, std::uint64_t number) const;
  /// Calls `then` once, on any thread, when it is known or waited for no more.
  /// @return False: it is so already, or too much waits; `then` is not called.
  bool when_known(incarnation of, std::uint64_t number, instant now, std::function<void()> then);
  /// It has been waited for long enough. If it has arrived meanwhile, nothing happens: then it is
  /// another node that is late.
  void give_up(incarnation of, std::uint64_t number, instant now);

private:
  struct peer {
    std::uint64_t next = 1;
    std::uint64_t arrived = 1; ///< all before this are here
    instant late_until{};
    std::multimap<std::uint64_t, std::function<void()>> waiting; ///< by number
    bool knows(std::uint64_t number, instant now) const {
      return number < next || now < late_until;
    }
  };

  mutable std::mutex mutex_;
  std::map<incarnation, peer> peers_;
  std::size_t waiting_ = 0;
};

} // namespace hamlet::cluster
