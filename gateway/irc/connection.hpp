// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/deadlines.hpp"
#include "actors/router.hpp"
#include "gateway/irc/causes.hpp"
#include "gateway/irc/fanout.hpp"
#include "gateway/irc/session.hpp"
#include "gateway/net/gateway.hpp"
#include "gateway/websocket/line_stream.hpp"
#include "lib/base/ids.hpp"
#include "lib/base/live.hpp"

#include <memory>
#include <optional>

namespace hamlet::irc {

/// What a connection needs; what is behind it outlives all connections.
struct connection_parts {
  std::shared_ptr<const policy> rules;
  net::tls_use security = net::tls_use::never;
  /// Set: clients come by WebSocket (RFC 6455), and this is what they must ask for.
  std::shared_ptr<const websocket::rules> web = {};
  router owners;
  local_fanout_actor fanout;
  presence* people = nullptr;
  id_source* ids = nullptr;
  /// What operators order; called on a thread of the actor system.
  std::function<void(const control&)> obey = {};
};

struct connection_state {
  static inline const char* name = "irc-connection";

  ~connection_state();

  connection_actor::pointer self = nullptr;
  std::shared_ptr<const connection_parts> parts;
  deadlines limits;
  std::optional<session> proto;
  std::optional<net::stream> client;
  std::unique_ptr<websocket::line_stream> web; ///< between the stream and the session
  std::uint64_t number = 0; ///< of the connection, in all of its lines of the log
  std::int64_t id = 0;      ///< as FANOUT and the SESSION know it
  channel facts;
  framing wire = framing::lines;
  std::vector<std::chrono::steady_clock::time_point> timers; ///< that are set, in no order
  causes seen;                                               ///< of what it asks next
  std::int64_t starting = 0; ///< the number of the session that was to begin last
  bool is_registered = false;
  bool node_stops = false;
  bool awaits_drained = false;
  bool awaits_room = false;         ///< the session does
  std::size_t unread = 0;           ///< octets written since the stream was empty enough
  std::vector<std::string> backlog; ///< of long replies, until the client has read what is before

  void meet(); ///< the stream is as private as it will be
  void take(std::string bytes);
  void perform(effects todo);
  void drained();
  void on_time();
  void closed(net::close_reason why);

  /// Calls the session and does what it then wants.
  template <class F>
  void with_session(F call) {
    effects out;
    call(*proto, out);
    perform(std::move(out));
    read_more();
  }

private:
  void open_session(const std::string& address, framing how, bool is_told = false);
  void read_more();
  void say(std::string bytes);
  void hang_up();
  void name_causes(chat::v1::Request& what);
  void ask_owner(ask& x);
  void ask_login(const ask_auth& x);
  void ask_about_account(account_request& what);
  void set_timer(std::chrono::steady_clock::time_point when);
  chat_actor owner_of(ask::owner which, const chat::v1::Request& what) const;
};

moment now();

/// The actor around the session of one client of chat: turns effects into writes and requests, and
/// answers into calls on the session. It decides nothing by itself.
connection_actor::behavior_type
connection(connection_actor::stateful_pointer<connection_state> self, net::stream client,
           std::shared_ptr<const connection_parts> parts, std::uint64_t number);

} // namespace hamlet::irc
