// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/websocket/line_stream.hpp"

#include <string>
#include <string_view>

namespace hamlet::websocket {

/// A frame as a client sends it. @param first The first octet: 0x81 is a whole text message.
inline std::string client_frame(unsigned first, std::string_view payload,
                                std::string_view mask = "\x37\xfa\x21\x3d") {
  auto size = payload.size();
  std::string out{static_cast<char>(first)};
  auto octets = size < 126 ? 0 : size <= 0xffff ? 2 : 8;
  out += static_cast<char>(0x80 | (octets == 0 ? size : octets == 2 ? 126 : 127));
  for (auto i = octets; i-- > 0;)
    out += static_cast<char>(size >> (8 * i) & 0xff);
  out += mask;
  for (std::size_t i = 0; i < size; ++i)
    out += static_cast<char>(payload[i] ^ mask[i % 4]);
  return out;
}

inline std::string text(std::string_view payload) {
  return client_frame(0x81, payload);
}

/// The request of RFC 6455 §1.3, with other lines if so wished.
inline std::string request(std::string_view more = "",
                           std::string_view first = "GET /chat HTTP/1.1",
                           std::string_view version = "13") {
  std::string out{first};
  out += "\r\nHost: chat.example.org\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: ";
  out.append(version).append("\r\n").append(more).append("\r\n");
  return out;
}

} // namespace hamlet::websocket
