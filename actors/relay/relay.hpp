// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/chat/homes.hpp"
#include "actors/chat/mirror_notes.hpp"
#include "actors/chat/presence.hpp"
#include "actors/cluster/proxy_core.hpp"
#include "actors/nick/claims.hpp"
#include "actors/relay/news_carrier.hpp"
#include "actors/relay/relay_core.hpp"
#include "actors/router.hpp"
#include "lib/base/live.hpp"

#include <caf/actor_system.hpp>

#include <functional>
#include <memory>

namespace hamlet {

/// What the RELAY of a node works with; what is behind it must outlive the actor.
struct relay_parts {
  std::shared_ptr<cluster::proxy_parts> nodes; ///< places, and the way to other nodes
  std::shared_ptr<hamlet::homes> homes;
  presence* people = nullptr;
  const claim_book* claims = nullptr; ///< absent: none
  fanout_actor fanout;                ///< of this node
  /// NICKS and CHANNELS wherever they are; called when the first node dies.
  std::function<const router&()> owners;
  /// The SESSION shard of this node.
  std::function<chat_actor(std::int64_t session_id)> session_here;
  std::function<std::int64_t()> next_id;
  const live<relay_rules>* rules = nullptr;
  news_carrier* bus = nullptr; ///< absent: news goes over the links alone

  // -- called in turns of RELAY; must not block; may be empty --
  /// A node is dead: its clients take part in no session here any more. The number of this node:
  /// others took it for dead, and its sessions have ended for all.
  std::function<void(std::uint16_t node)> on_node_gone = {};
  /// Another node has adopted it, too, and keeps it: this copy ends, without a QUIT.
  std::function<void(std::int64_t session_id)> on_copy_lost = {};
  /// Another node has tried to adopt it, and gives it up: its card is to be put again.
  std::function<void(std::int64_t session_id)> on_copy_kept = {};
  std::function<void()> on_books_changed = {};
  /// The NETWORK of this node: what other nodes ask of it.
  std::function<chat_actor()> network = {};
};

/// RELAY with all that feeds it. It is in the place of FANOUT in the tables of the router, and
/// the owner of the node's own place: places.open({node_kind, …}).
class relay {
public:
  /// Listens to presence and watches the places from now on.
  static std::shared_ptr<relay> spawn(caf::actor_system& sys, relay_parts parts);
  virtual ~relay() = default;

  virtual relay_actor handle() const = 0;
  virtual chat_mirror& mirror() = 0; ///< for the CHANNELS; outlives none of them
  virtual chat_news& news() = 0;
  /// What the bus has brought: a chat.v1.News of any node. Any thread.
  virtual void hear(std::string bytes) = 0;
  /// Calls `then` when all living nodes have what was told before this call, or `patience` is
  /// over; once, on any thread.
  virtual void when_told(std::chrono::milliseconds patience, std::function<void()> then) = 0;
  /// Drops the handles. Presence is not listened to any more.
  virtual void close() = 0;
};

} // namespace hamlet
