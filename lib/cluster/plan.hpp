// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/cluster/view.hpp"

namespace hamlet::cluster {

/// A shard and who is to have it, as of the epoch that the planner saw.
struct placement {
  reign of;
  incarnation to = 0; ///< 0: nobody, the plan is withdrawn
  bool operator==(const placement&) const = default;
};

/// Who would have each shard that no living node owns: the node of the highest weight that is not
/// full (rendezvous hashing with bounded load, Mirrokni et al. 2016). The same on every node that
/// has the same view; a node that started again gets its own back.
std::vector<placement> assign_free(const view& seen, const settings& rules);

/// Where a node that leaves sends one of its own: as above. 0: there is nobody else.
incarnation refuge(const view& seen, const shard& what, const settings& rules);

/// To whom an owner that goes on sends these of its own: as above, and shared among the others. An
/// order that it has already stays. Empty: there is nobody else.
std::vector<placement> evacuate(view seen, const std::vector<shard_id>& which,
                                const settings& rules);

/// What to move so that no node has more than `bound` times its part, nor much less: at most
/// `moved` of all shards at once, counting those on their way, and none that has moved within
/// `rest`. Targets that died are withdrawn.
std::vector<placement> balance(const view& seen, store_time now, const settings& rules);

} // namespace hamlet::cluster
