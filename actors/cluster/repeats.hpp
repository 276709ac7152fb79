// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/cluster/link.hpp"

#include <deque>
#include <map>
#include <vector>

namespace hamlet::cluster {

/// Commands that must not be done twice, and how they were answered. Lives on the owner's node, in
/// memory: it knows a command again whose answer was lost with a link, not one whose owner died.
/// The latest are remembered, within bounds.
class repeats {
public:
  struct bounds {
    std::size_t answers = 8'192;
    std::size_t octets = 8u << 20;
  };

  repeats() = default;
  explicit repeats(bounds limits) : limits_{limits} {}

  /// True: it is new, do it and call finish(). False: `answer` was called, or will be with the
  /// first one's.
  bool begin(const command_id& id, on_reply& answer);

  /// Answers all who have asked. One that may not have been done (busy, wrong owner, shutting down)
  /// is forgotten, so that the next one is done.
  void finish(const command_id& id, reply x);

  std::size_t size() const { return known_.size(); }

private:
  struct entry {
    bool is_done = false;
    reply with;
    std::vector<on_reply> waiting;
  };

  bounds limits_;
  std::map<command_id, entry> known_;
  std::deque<command_id> done_; ///< oldest first
  std::size_t octets_ = 0;
};

} // namespace hamlet::cluster
