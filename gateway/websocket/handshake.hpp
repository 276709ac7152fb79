// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/websocket/frames.hpp"
#include "lib/base/network.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace hamlet::websocket {

/// Who may open a WebSocket, and how.
struct rules {
  std::string path = {}; ///< "/chat"; empty: any
  /// Sites whose pages may: "https://chat.example.org". "*": all. Empty: those of the very host
  /// that was asked. Programs that are no browsers name no site, and may.
  std::vector<std::string> origins = {};
  /// Proxies that are believed what X-Forwarded-For and X-Forwarded-Proto say.
  std::vector<network> proxies = {};
  kind default_kind = kind::text; ///< for clients that name no subprotocol of IRCv3
};

/// What a whole handshake said.
struct opening {
  kind how;
  ip_address client;       ///< behind a proxy the one that it tells
  bool encrypted_by_proxy; ///< the client came to it by TLS
  std::string origin;      ///< empty: no browser
  std::string response;    ///< "HTTP/1.1 101 …": send it first
  std::string rest;        ///< what came behind: frames
};

/// What is wrong with it. `response` is a whole answer in HTTP: send it and hang up.
struct refusal {
  unsigned status;
  std::string_view why; ///< for the log; lives forever
  std::string response;
};

struct needs_more {};

/// The server's side of RFC 6455 §4.2. Pure: feed it until it says something else than needs_more.
class handshake {
public:
  static constexpr std::size_t max_header = 16u << 10; ///< 431 (RFC 6585 §5)

  handshake(std::shared_ptr<const rules> rules, const ip_address& peer);
  handshake(handshake&&) noexcept;
  ~handshake();

  std::variant<needs_more, opening, refusal> feed(std::string_view bytes);

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace hamlet::websocket
