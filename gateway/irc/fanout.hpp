// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/interfaces.hpp"
#include "gateway/irc/connection.hpp"
#include "gateway/irc/render.hpp"
#include "gateway/net/outlet.hpp"

#include <caf/typed_event_based_actor.hpp>

// The FANOUT of a node. Between it and the connections of the same node go plain structs.

namespace hamlet::irc {

/// A client takes part in a session, or has other capabilities now.
struct joined_fanout {
  std::int64_t connection_id;
  std::int64_t session_id;
  cap_set caps;
  framing wire;
  chat::v1::Who who;
  net::outlet client;
  connection_actor owner; ///< is told of who_changed and ended
};
struct left_fanout {
  std::int64_t connection_id;
};
struct watch_changed {
  std::int64_t connection_id;
  watch what;
};

} // namespace hamlet::irc
