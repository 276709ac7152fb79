// SPDX-License-Identifier: Apache-2.0
#include "lib/cluster/view.hpp"

#include <algorithm>

namespace hamlet::cluster {

const node* view::find(incarnation which) const {
  auto at = std::ranges::lower_bound(nodes, which, {}, &node::born);
  return at != nodes.end() && at->born == which ? &*at : nullptr;
}

const shard* view::find(const shard_id& which) const {
  auto at = std::ranges::lower_bound(shards, which, {}, &shard::id);
  return at != shards.end() && at->id == which ? &*at : nullptr;
}

bool view::alive(incarnation which) const {
  const auto* x = find(which);
  return x != nullptr && x->alive();
}

bool view::takes(incarnation which) const {
  const auto* x = find(which);
  return x != nullptr && x->state == node_state::up;
}

incarnation view::planner() const {
  for (const auto& x : nodes)
    if (x.state == node_state::up)
      return x.born;
  return 0;
}

} // namespace hamlet::cluster
