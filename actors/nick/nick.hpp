// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/chat/homes.hpp"
#include "actors/chat/network_rules.hpp"
#include "actors/chat/nick_owner.hpp"
#include "actors/chat/presence.hpp"
#include "actors/deadlines.hpp"
#include "actors/interfaces.hpp"
#include "actors/nick/nick_table.hpp"
#include "actors/router.hpp"
#include "lib/base/live.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

namespace hamlet {

/// What the administrator decides about nicks.
struct nick_rules {
  bool protects_owners = true;         ///< a nick that belongs to an account is for it alone
  std::size_t nicks_at_most = 100'000; ///< of one shard
};

/// What a NICK directory works with; what is behind it must outlive the actor.
struct nick_parts {
  /// Set before the first request comes: the shards find each other by it.
  const router* owners;
  const live<nick_rules>* rules;
  const network_rules* network = nullptr; ///< nicks that are reserved; absent: none
  find_nick_owner find_owner = {};        ///< in the place of the ACCOUNT
  // -- in a cluster, where a note may be lost with a node; absent: what the table says is true --
  const homes* where = nullptr;
  const presence* people = nullptr;
  std::vector<nick_held> known = {}; ///< of a former owner: it is so from the start
};

/// Who has which nick, and so who may have it. Grants one to one session at a time.
struct nick_state {
  static inline const char* name = "nick";

  chat_actor::pointer self = nullptr;
  deadlines limits;
  std::unique_ptr<const nick_parts> parts;
  nick_table table;

  caf::result<chat::v1::Reply> claim(const chat::v1::Request& x);
  void release(const chat::v1::Request& x);

private:
  caf::result<chat::v1::Reply> ask_owner(const chat::v1::Request& x);
  nick_table::rival find_rival(const chat::v1::Request& x) const;
  bool is_shown(const chat::v1::Request& x) const;
  bool is_doubtful(const nick_table::rival& who) const;
  caf::result<chat::v1::Reply> ask_rival(const chat::v1::Request& x, const nick_table::rival& who);
  caf::result<chat::v1::Reply> decide(const chat::v1::Request& x, const nick_table::rival& who);
  caf::result<chat::v1::Reply> oust(const chat::v1::Request& x, const nick_table::rival& who);
};

/// One shard of the NICK directory.
chat_actor::behavior_type nick_shard(chat_actor::stateful_pointer<nick_state> self,
                                     nick_parts parts);

} // namespace hamlet
