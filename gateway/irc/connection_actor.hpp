// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/irc/session.hpp"
#include "gateway/net/actor_events.hpp"

namespace hamlet::irc {

/// The owner of one stream of chat: what every connection hears, and notes of FANOUT.
using connection_actor = net::connection_actor::extend<caf::reacts_to<note>>;

} // namespace hamlet::irc

CAF_BEGIN_TYPE_ID_BLOCK(hamlet_irc_connection, caf::id_block::hamlet_net::end)
  CAF_ADD_TYPE_ID(hamlet_irc_connection, (hamlet::irc::note))
CAF_END_TYPE_ID_BLOCK(hamlet_irc_connection)

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hamlet::irc::note)
