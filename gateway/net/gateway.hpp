// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/net/actor_events.hpp"
#include "gateway/net/listener.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <unordered_set>

namespace hamlet::net {

/// Starts the connection actor of one protocol for one client. @param number Of the connection, the
///   same in all of its lines of the log.
using spawn_connection =
  std::function<connection_actor(gateway_actor::pointer self, stream client, std::uint64_t number)>;

struct gateway_state {
  static inline const char* name = "gateway";

  ~gateway_state(); ///< a gateway that was killed leaves no connection

  std::optional<listener> door;
  std::unordered_set<connection_actor> connections;
};

/// The GATEWAY of one listener: one connection actor per client. On EXIT it closes the listener,
/// lets every session finish what it owes and say goodbye, then ends.
gateway_actor::behavior_type gateway(gateway_actor::stateful_pointer<gateway_state> self,
                                     listener door, spawn_connection spawn);

} // namespace hamlet::net
