// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/cluster/read_permit.hpp"
#include "lib/cluster/view.hpp"

#include <caf/actor.hpp>

#include <map>
#include <memory>
#include <shared_mutex>

namespace hamlet::cluster {

/// A node is found like a shard: its number is the node's id, its epoch and owner the incarnation.
constexpr shard_id place_of_node(std::int64_t node_id) {
  return {shard_kind{0}, static_cast<std::int32_t>(node_id)};
}

/// Where every shard is, as far as this node knows: what MEMBERSHIP and who starts the owners
/// write, what the proxies and the INBOX read for each command. Any thread.
class places {
public:
  enum class state : std::uint8_t {
    elsewhere,
    open,   ///< here, and its owner takes commands
    sealed, ///< here, and about to go, or perhaps another's already: it takes nothing new
  };
  struct place {
    places::state state = places::state::elsewhere;
    std::int64_t epoch = 0; ///< of the reign here; or the latest that is known elsewhere
    incarnation owner = 0;  ///< elsewhere: who has it; 0: unknown
    caf::actor handle;      ///< open: the owner
  };

  /// @param reads Without it no owner of mail here is given a command: one that is cut off from the
  ///   store would answer from memory what has changed elsewhere. Chat, whose truth is in memory,
  ///   goes on. nullptr: they always may.
  explicit places(std::shared_ptr<const read_permit> reads = nullptr) : reads_{std::move(reads)} {}

  // -- from MEMBERSHIP: the effects publish, open_shard, seal_shard and end_shard ------------

  /// The view is kept with the living nodes among its shards (place_of_node).
  /// @param me 0: this node is in no cluster at the moment.
  void publish(view_ptr seen, incarnation me);
  /// Its owner has loaded what it needs and takes commands of this reign.
  void open(const reign& of, caf::actor owner);
  void seal(const reign& of);
  /// @param to Who has it now, and in which epoch; 0: unknown.
  void end(const reign& of, incarnation to, std::int64_t epoch);
  /// A link has come or gone.
  void links_changed();

  // -- for proxies and the INBOX ---------------------------------------------------------

  place find(const shard_id& which) const;
  view_ptr view() const;
  incarnation me() const;

  /// This proxy of the shard is sent a tick_atom when something about it has changed.
  void watch(const shard_id& which, caf::actor proxy);
  /// Forgets all who watch, so that they may end.
  void forget_watchers();

private:
  struct own {
    std::int64_t epoch = 0;
    bool is_open = false;
    caf::actor handle;
  };
  struct successor {
    std::int64_t epoch = 0;
    incarnation owner = 0;
  };

  void nudge(const shard_id& which) const;
  void nudge_all() const;

  const std::shared_ptr<const read_permit> reads_;
  mutable std::shared_mutex mutex_;
  view_ptr view_ = std::make_shared<cluster::view>();
  incarnation me_ = 0;
  std::map<shard_id, own> own_;
  std::map<shard_id, successor> moved_; ///< what was ours, until the view knows better
  std::multimap<shard_id, caf::actor> watchers_;
};

} // namespace hamlet::cluster
