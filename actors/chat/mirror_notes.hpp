// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "hamlet/chat/v1/channel.pb.h"
#include "hamlet/chat/v1/nodes.pb.h"

#include <cstdint>
#include <string_view>

// What the owners of chat tell the RELAY of their node, beside their events. Absent on a node that
// is alone. Called in the owner's turn, before it publishes the events that belong to it; never
// blocks.

namespace hamlet {

/// From the CHANNELS, in the place of presence's set_member(), remove_member() and
/// remove_channel(): these change presence here at once, and all other nodes hear of it. Not for
/// channels of this node alone ('&').
class chat_mirror {
public:
  virtual ~chat_mirror() = default;
  /// Is one, or is another one now. @param x With its channel as written.
  virtual void member(const chat::v1::Place& x) = 0;
  virtual void member_gone(std::string_view channel, std::int64_t session_id) = 0;
  /// All but the members, whenever that is something else: modes, lists, topic, what is
  /// registered. Not for each message: `seq` may lag behind, and is corrected by the next event.
  virtual void state(const chat::v1::ChannelState& without_members) = 0;
  /// All of its members: whoever is not named is none. Once, of a channel that has been recovered.
  virtual void members(const chat::v1::Members& all) = 0;
  /// It is no more: its last member has gone, or it is called otherwise now.
  virtual void ended(std::string_view channel) = 0;
};

/// From SESSIONS and the NETWORK.
class chat_news {
public:
  virtual ~chat_news() = default;
  /// This node is the home of that session now, whose home was lost. Before presence hears of it.
  virtual void adopted(std::int64_t session_id) = 0;
  /// Bans, filters or operators: others are to read them anew.
  virtual void books_changed() = 0;
};

} // namespace hamlet
