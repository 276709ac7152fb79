// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/chat/presence.hpp"
#include "gateway/auth/question.hpp"
#include "lib/config/settings.hpp"
#include "lib/irc/cloak.hpp"
#include "lib/irc/fakelag.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hamlet {
class network_rules; // bans and filters as this node knows them: actors/chat/network_rules.hpp
}

namespace hamlet::irc {

/// Now, as the world tells a session.
struct moment {
  std::chrono::steady_clock::time_point at{};
  std::int64_t wall_ms = 0; ///< since 1970
};

/// Counters that STATS shows; shared by all sessions of a node, any thread.
struct statistics {
  struct use {
    std::atomic<std::uint64_t> count{0};
    std::atomic<std::uint64_t> bytes{0};
  };
  std::map<std::string, use, std::less<>> commands; ///< by verb; all keys are there from the start
  std::atomic<std::uint64_t> accepted{0}, refused{0}, bytes_in{0}, bytes_out{0};
  std::int64_t started_ms = 0;
};

/// What a session goes by: decided by the administrator, and what the node knows. Shared by all
/// sessions; a reload makes a new one for those who come, and tells those who are here.
struct policy {
  config::settings settings; ///< of chat, of listen (STS), of accounts
  std::string server_name;
  std::string network_name;
  std::string version = "hamlet-0.1.0";
  std::vector<std::string> motd; ///< empty: 422
  std::int64_t created_ms = 0;   ///< RPL_CREATED
  const presence* people = nullptr;
  const network_rules* rules = nullptr;
  statistics* numbers = nullptr;
  /// A place among the clients of the address, held as long as the result; null: there is none.
  /// For those whose address is not that of their connection. Any thread; empty: no limit.
  std::function<std::shared_ptr<void>(const std::string& address)> admit = {};
  /// Names of the nodes as clients see them, the own first; empty: all of them are one server.
  std::function<std::vector<std::string>()> nodes = {};
  /// Which of them is the home of a session; set where the former is.
  std::function<std::string(std::int64_t session_id)> home = {};
  fakelag::settings lag;         ///< how fast a client may go
  std::optional<cloaker> cloaks; ///< none: addresses are shown
  bool needs_password = false;   ///< of the connection: PASS
  bool offers_tls = false;       ///< there is a TLS door: STS
  std::uint16_t tls_port = 0;
};

/// How lines are put on the wire.
enum class framing : std::uint8_t {
  lines,     ///< CR LF
  ws_text,   ///< one text frame each; never octets that are not UTF-8
  ws_binary, ///< one binary frame each
};

/// What is known of a connection from the start, and after TLS.
struct channel {
  bool is_tls = false;
  sasl::channel_binding binding;
  std::string certificate; ///< SHA-256 of the client's, lower-case hexadecimal; empty: none
  std::string server_name; ///< what the client called us (RFC 6066 §3); empty: nothing
};

/// Where a client comes from.
struct origin {
  std::int64_t connection_id = 0;
  std::string address; ///< as text; behind a listed proxy the one that it tells
  framing wire = framing::lines;
  bool is_exempt = false; ///< of the limits
  bool is_told = false;   ///< the address is what a proxy before the WebSocket says
};

} // namespace hamlet::irc
