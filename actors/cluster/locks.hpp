// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/cluster/view.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>

namespace hamlet::cluster {

/// What a command has to do with a lock that its owner keeps in memory.
enum class lock_use : std::uint8_t {
  none,
  opens, ///< asks for one that is free
  needs, ///< is refused to those who have none
};

/// The locks that clients of this node have from the owner of one shard. They end with him; so when
/// there is another one they are asked for again, before anybody may ask him for one that is new:
/// each node does so when it sees him, and lets new ones wait a while for the others. Pure.
class locks {
public:
  /// What others need to see the new owner and to ask him.
  static constexpr instant reopening{2'000};

  /// The owner's epoch, as it is known by now.
  void see(std::int64_t epoch, instant now);

  /// @param renew Asks for it again; ends with renewed().
  void add(std::uint64_t client, std::int64_t epoch, std::function<void()> renew);
  void remove(std::uint64_t client) { held_.erase(client); }
  bool has(std::uint64_t client) const { return held_.contains(client); }
  /// @param epoch Of the owner who gave it; nullopt: nobody did, and what needs it is refused.
  void renewed(std::uint64_t client, std::optional<std::int64_t> epoch);

  /// May this command not go to an owner of this epoch yet?
  bool must_wait(lock_use use, std::uint64_t client, std::int64_t epoch, instant now) const;

  /// Those to be asked for now.
  std::vector<std::function<void()>> due();
  instant opens_at() const { return opens_at_; }

private:
  struct lock {
    std::int64_t epoch;
    std::function<void()> renew;
    bool is_asked_for = false;
  };

  std::map<std::uint64_t, lock> held_;
  std::int64_t epoch_ = 0;
  instant opens_at_{0};
};

} // namespace hamlet::cluster
