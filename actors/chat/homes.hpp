// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <shared_mutex>
#include <unordered_map>
#include <unordered_set>

namespace hamlet {

/// Which node a session lives on: its id says where it began (lib/base/ids.hpp), and that is its
/// home, unless another node has adopted it. One of a node in a cluster; RELAY keeps it, all read
/// it. Any thread; while all is well, to ask costs a shift and a load.
class homes {
public:
  /// @param here Number of this node.
  explicit homes(std::uint16_t here) : here_{here} {}

  std::uint16_t here() const { return here_; }
  std::uint16_t node_of(std::int64_t session_id) const;
  bool is_here(std::int64_t session_id) const { return node_of(session_id) == here_; }
  /// Its home is dead, and it waits for its grace to end or for another node to adopt it.
  bool is_lost(std::int64_t session_id) const;

  /// That node has died, and is not back yet: what it had asked for before is nobody's wish.
  bool is_dead(std::uint16_t node) const;

  /// Told before anybody looks for what that node has left behind (RELAY).
  void set_dead(std::uint16_t node, bool is_dead);
  /// Its home is dead (RELAY).
  void lose(std::int64_t session_id);
  /// That node is its home from now on.
  void adopt(std::int64_t session_id, std::uint16_t node);
  /// It has ended.
  void forget(std::int64_t session_id);

private:
  void count(); ///< under the lock

  const std::uint16_t here_;
  std::atomic<bool> is_troubled_ = false; ///< one of the following is not empty
  mutable std::shared_mutex mutex_;
  std::unordered_map<std::int64_t, std::uint16_t> adopted_;
  std::unordered_set<std::int64_t> lost_;
  std::unordered_set<std::uint16_t> dead_;
};

} // namespace hamlet
