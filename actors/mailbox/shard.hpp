// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/mailbox/mailbox.hpp"

#include <unordered_map>

namespace hamlet {

struct mailbox_shard_state {
  static inline const char* name = "mailbox-shard";

  struct slot {
    mailbox_actor owner;
    std::uint64_t passed_on = 0;
  };

  mailbox_shard_actor::pointer self = nullptr;
  std::optional<sql::mailbox_repository> mail;
  const live<mailbox_rules>* rules = nullptr;
  herald_actor messenger;
  std::unordered_map<std::int64_t, slot> mailboxes;

  /// The MAILBOX of an account, for one message that is now passed on to it.
  const mailbox_actor& owner_of(std::int64_t account_id);
  void on_idle(std::int64_t account_id, std::uint64_t handled);
  void on_down(const caf::actor_addr& who);
};

/// @param mail Where mail lives; what is behind it must outlive the actor.
mailbox_shard_actor::behavior_type
mailbox_shard(mailbox_shard_actor::stateful_pointer<mailbox_shard_state> self,
              sql::mailbox_repository mail, const live<mailbox_rules>* rules,
              herald_actor messenger);

} // namespace hamlet
