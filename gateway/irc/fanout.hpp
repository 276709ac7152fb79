// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/irc/connection_actor.hpp"
#include "gateway/irc/fanout_post.hpp"
#include "gateway/irc/render.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <memory>

// The FANOUT of a node. Between it and the connections of the same node go plain structs.

namespace hamlet::irc {

class fanout_core;

/// A client takes part in a session, or has other capabilities now.
struct joined_fanout {
  std::int64_t connection_id;
  std::int64_t session_id;
  cap_set caps;
  framing wire;
  chat::v1::Who who;
  net::outlet client;
  connection_actor owner; ///< is told of who_changed, ended, entered and appeared
};
/// Everything of this connection is forgotten.
struct left_fanout {
  std::int64_t connection_id;
};
struct watch_changed {
  std::int64_t connection_id;
  watch what;
};

/// The administrator has decided anew.
struct policy_changed {
  std::shared_ptr<const policy> rules;
};

/// FANOUT as the connections of its node see it.
using local_fanout_actor =
  fanout_actor::extend<caf::reacts_to<joined_fanout>, caf::reacts_to<left_fanout>,
                       caf::reacts_to<watch_changed>, caf::reacts_to<policy_changed>>;

struct fanout_state {
  static inline const char* name = "fanout";

  std::shared_ptr<fanout_core> core;
};

/// The FANOUT of a node: knows its connections and, from the events alone, who is on which channel.
/// What is behind the policy must outlive it.
local_fanout_actor::behavior_type fanout(local_fanout_actor::stateful_pointer<fanout_state> self,
                                         std::shared_ptr<const policy> rules,
                                         std::shared_ptr<postman> out = make_postman());

} // namespace hamlet::irc

CAF_BEGIN_TYPE_ID_BLOCK(hamlet_fanout, caf::id_block::hamlet_irc_connection::end)
  CAF_ADD_TYPE_ID(hamlet_fanout, (hamlet::irc::joined_fanout))
  CAF_ADD_TYPE_ID(hamlet_fanout, (hamlet::irc::left_fanout))
  CAF_ADD_TYPE_ID(hamlet_fanout, (hamlet::irc::watch_changed))
  CAF_ADD_TYPE_ID(hamlet_fanout, (hamlet::irc::policy_changed))
CAF_END_TYPE_ID_BLOCK(hamlet_fanout)

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hamlet::irc::joined_fanout)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hamlet::irc::left_fanout)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hamlet::irc::watch_changed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hamlet::irc::policy_changed)
