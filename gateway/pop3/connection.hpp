// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/router.hpp"
#include "gateway/net/session_actor.hpp"
#include "gateway/pop3/session.hpp"

#include <optional>

namespace hamlet::pop3 {

/// What a connection needs; what is behind it outlives all connections.
struct connection_parts {
  policy rules;
  net::tls_use security = net::tls_use::never;
  router owners;
  mail_clients* seen_in;
};

struct connection_state : net::session_state<connection_state, session, effects, channel> {
  static inline const char* name = "pop3-connection";

  std::shared_ptr<const connection_parts> parts;
  std::int64_t account_id = 0;   ///< whose maildrop is open
  std::optional<fetch> to_fetch; ///< a part that is read when the client has the one before

  void greet(channel c);
  void perform(effects todo);
  void on_drained();
  void on_closed();

private:
  void read_part(const fetch& x);
  void ask(const auth::question& what);
  void open_drop(std::int64_t account);
  /// With nothing to delete the client has its +OK when the owner, wherever it is, has unlocked; or
  /// after 5 seconds without a word from it: then the end of this actor unlocks, as after a client
  /// that is gone.
  void delete_messages(const update& x);
  void release_drop();
};

/// The actor around one POP3 session: turns effects into writes and requests, and answers into
/// calls on the session. It decides nothing by itself. It holds the lock of the maildrop by
/// living: when it ends, however that comes, the MAILBOX unlocks.
net::connection_actor::behavior_type
connection(net::connection_actor::stateful_pointer<connection_state> self, net::stream client,
           std::shared_ptr<const connection_parts> parts, std::uint64_t number);

} // namespace hamlet::pop3
