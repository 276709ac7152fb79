// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/chat/presence.hpp"
#include "actors/router.hpp"
#include "gateway/net/session_actor.hpp"
#include "gateway/smtp/session.hpp"
#include "lib/base/ids.hpp"
#include "lib/base/network.hpp"
#include "lib/crypto/digest.hpp"

#include <optional>

namespace hamlet::smtp {

/// What a connection needs; what is behind it outlives all connections.
struct connection_parts {
  policy rules;
  std::vector<network> old_devices; ///< whose bare line ends are normalised
  net::tls_use security = net::tls_use::never;
  router owners;
  mail_clients* seen_in;
  id_source* ids;                   ///< of queue entries and spools
  const presence* people = nullptr; ///< who is in chat: for SEND, SOML and SAML
  std::string chat_server = {};     ///< who tells them there
};

struct connection_state : net::session_state<connection_state, session, effects, channel> {
  static inline const char* name = "smtp-connection";

  std::shared_ptr<const connection_parts> parts;

  // The text of the message that comes in.
  std::string text;                              ///< not yet spooled
  std::int64_t spool_id = 0;                     ///< 0: it is all in `text`
  std::unique_ptr<crypto::sha256_stream> digest; ///< of the text

  std::int64_t started_us = 0;   ///< when this transaction came to this host
  delivery how = delivery::mail; ///< of this transaction
  std::string begin_of_text;     ///< what is shown in chat; empty for MAIL

  /// Recipients of this transaction as they were accepted, in the order of the envelope.
  std::vector<account::v1::Resolved> resolved;

  /// A message whose 250 the client has perhaps not seen.
  struct sent_mail {
    std::int64_t queue_id = 0;
    std::string likeness;    ///< the same for a message that is alike
    std::string fingerprint; ///< as the QUEUE knows it
    std::int64_t arrived_us = 0;
  };
  std::vector<sent_mail> unconfirmed;

  void greet(channel c);
  void perform(effects todo);
  void on_tick();
  void on_closed() { forget_text(); }

private:
  void ask(const auth::question& what);
  void resolve(const ask_rcpt& x);
  void find_names(const ask_names& x);
  void keep(body& x);
  void spool(std::string bytes, std::function<void(const reply&)> then);
  void take(accept& x);
  void store(const accept& x);
  void enqueue(const accept& x);
  struct showing;
  bool is_anybody_there(const account::v1::Resolved& found) const;
  void show(accept& x);
  void end_show(const std::shared_ptr<showing>& job);
  std::vector<std::int64_t> accounts_of_transaction() const;
  void forget_text();
  void confirm();
  sent_mail unsent(const accept& x) const;
  mail::v1::Enqueue message_of(const accept& x, std::int64_t queue_id, const sent_mail& as);
};

/// The actor around one SMTP session: turns effects into writes and requests,
/// and answers into calls on the session. It decides nothing by itself.
net::connection_actor::behavior_type
connection(net::connection_actor::stateful_pointer<connection_state> self, net::stream client,
           std::shared_ptr<const connection_parts> parts, std::uint64_t number);

} // namespace hamlet::smtp
