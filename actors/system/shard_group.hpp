// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <caf/actor.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

#include <vector>

namespace hamlet {

struct shard_group_state {
  static inline const char* name = "shard-group";
  ~shard_group_state(); ///< a group that was killed, or that died with one of them, leaves none
  std::vector<caf::actor> shards;
  bool stopping = false;
};

/// Holds the shards of one kind as one part of the node: EXIT ends them all, and one that dies by
/// itself ends the group, so that the supervisor is told.
caf::behavior shard_group(caf::stateful_actor<shard_group_state>* self,
                          std::vector<caf::actor> shards);

} // namespace hamlet
