// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/sql/database.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace hamlet::sql {

/// Keeps the log of a store short. A thread with a connection of its own moves committed pages into
/// the file while the writer goes on; as it never comes to the end of a log that grows, the writer
/// moves the rest, which is little, so that the log can begin anew.
class checkpointer {
public:
  /// @param second A connection for the thread; without one the writer moves all.
  /// @param pages Length of the log at which it begins; four times that is never passed by much.
  checkpointer(result<database> second, std::int64_t pages);
  ~checkpointer(); ///< waits for the pass that is under way

  /// Called by the writer between two transactions, with its connection. A failure of the disk,
  /// here or on the thread, is as bad as a COMMIT that failed: `db.damage()`.
  void tend(database& db);

private:
  enum class state : std::uint8_t { idle, working, finished };

  void work();
  void begin();
  state now(bool wait);
  void move_the_rest(database& db);

  std::optional<database> db_;
  const std::int64_t pages_;
  std::int64_t seen_ = 0; ///< length of the log at the last look; the writer's
  std::int64_t next_;     ///< length at which to begin; the writer's
  std::mutex mutex_;
  std::condition_variable changed_;
  state state_ = state::idle;
  bool closing_ = false;
  std::optional<error> damage_;
  std::thread thread_; // last: it uses all of the above
};

} // namespace hamlet::sql
