// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/cluster/events.hpp"
#include "storage/sql/readers.hpp"
#include "storage/sql/writer.hpp"

#include <optional>
#include <string>

namespace hamlet::sql {

/// What a node says of itself when it starts.
struct new_node {
  std::int64_t node_id = 0; ///< the same at each start
  std::string name;
  std::string address; ///< host:port of the node link
  std::int32_t wire_min = 1;
  std::int32_t wire_max = 1;
};

/// The nodes, the shards and the number of the view. Each function is one transaction; what its
/// condition forbids is `refused`, an error is for the caller to take as `unknown`.
///
/// Give it a writer of its own where the store has more than one lane: a beat that waits behind
/// mail may come too late.
class cluster_repository {
public:
  cluster_repository(writer& changes, readers& views) : changes_{&changes}, views_{&views} {}

  /// bad_setup: says why this program may not join now (versions.hpp).
  void may_join(new_node self, completion<void_t> done);

  /// A new incarnation. Earlier ones of this node are dead from now on. bad_setup as above.
  void join(new_node self, completion<cluster::event::join_answered> done);

  /// Refused: the node is dead. Costs no new view.
  /// @param ttl Whose heartbeat is older is named in the answer.
  void beat(cluster::effect::beat x, cluster::instant ttl,
            completion<cluster::event::beat_answered> done);

  /// All of one moment. Null if its version is still the one that is known.
  void read(std::int64_t known, completion<cluster::view_ptr> done);

  /// Takes shards of the dead, and those that nobody ever had, if their epoch is still the same.
  /// Waits for writes of the old owner that are under way. Accepted: at least one.
  void claim(cluster::effect::claim x, completion<cluster::event::change_answered> done);

  void hand_over(cluster::effect::hand_over x, completion<cluster::event::change_answered> done);

  /// The planner's moves: says to the owners whom to hand over to.
  void place(cluster::effect::place x, completion<cluster::event::change_answered> done);

  /// Only if its heartbeat is older than x.age. Of several who ask at once, one is accepted.
  void declare_dead(cluster::effect::declare_dead x,
                    completion<cluster::event::change_answered> done);

  void mark_draining(cluster::incarnation me, completion<cluster::event::change_answered> done);

  /// It is dead by its own word; its shards are free.
  void leave(cluster::incarnation me, completion<cluster::event::leave_answered> done);

  /// What the cluster has agreed on under this name, first come first served: `value` if nobody has
  /// said anything yet. It never changes.
  void agree(std::string name, std::string value, completion<std::string> done);

  /// What all nodes should know by this name; empty: nothing. It may change: replace() does so if
  /// it still is what was read before.
  void said(std::string name, completion<std::string> done);
  void replace(std::string name, std::string before, std::string value, completion<void_t> done);

private:
  writer* changes_;
  readers* views_;
};

} // namespace hamlet::sql
