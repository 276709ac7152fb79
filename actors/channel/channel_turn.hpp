// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/channel/channel_rules.hpp"
#include "actors/chat/presence.hpp"
#include "hamlet/chat/v1/chat.pb.h"

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace hamlet {

/// What a registered channel has to write down.
struct channel_saves {
  struct entry {
    bool add;
    char kind; ///< b, e, I
    std::string mask;
    std::string setter;
    std::int64_t set_ms;
  };
  bool settings = false; ///< modes and what belongs to them
  bool topic = false;
  bool use = false; ///< somebody has joined
  std::vector<entry> lists;
};

/// One request to a channel with all that is needed to decide it, and all that comes of it.
struct channel_turn {
  chat::v1::Request& ask; ///< texts may be moved out of it
  const channel_rules& rules;
  std::int64_t now_ms;
  const std::function<std::int64_t()>& next_id;
  /// Is a session in a channel, with at least this prefix (0: any)?
  const std::function<bool(std::int64_t session, std::string_view channel, char prefix)>& is_in;
  /// What presence has of a session; empty, or nullptr: nothing.
  const std::function<packed_ref(std::int64_t)>& find_user;
  bool is_new = false; ///< the channel was made for this request

  chat::v1::Reply reply = {};
  std::vector<chat::v1::Event> events = {};
  std::vector<std::pair<std::int64_t, chat::v1::Event>> rings = {}; ///< for one session each
  std::vector<chat::v1::Event> rows = {}; ///< for history alone: somebody else publishes them
  channel_saves saves = {};
  std::vector<std::int64_t> came = {};     ///< sessions that are to hear Joined
  std::vector<std::int64_t> gone = {};     ///< sessions that are to hear Removed
  std::vector<std::int64_t> quit = {};     ///< sessions that know already
  std::vector<std::int64_t> prefixed = {}; ///< members whose prefixes are others now
  bool all_prefixed = false;               ///< who sees the members is another question now
  bool card_changed = false;               ///< what LIST shows

  void refuse(chat::v1::Refusal why, std::string detail = {}) {
    reply.set_refusal(why);
    if (!detail.empty())
      reply.set_detail(std::move(detail));
  }
  std::int64_t asker() const { return ask.session_id(); }
  /// The asker in little memory, shared where presence has the same.
  packed_ref user() const;
};

} // namespace hamlet
