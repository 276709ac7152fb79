// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/network.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

namespace hamlet::net {

/// What a proxy says of the client it speaks for: the PROXY protocol as published with HAProxy in
/// doc/proxy-protocol.txt, version 1 (a line, section 2.1) or 2 (binary, section 2.2).
struct proxy_header {
  /// nullopt: the connection is the proxy's own (LOCAL, a health check), or it does not know an
  /// IP address (UNKNOWN, UNSPEC, a Unix socket). Then the address of the connection counts.
  std::optional<ip_address> source;
  std::uint16_t port = 0;
  bool local = false;   ///< nobody is behind the proxy
  std::size_t size = 0; ///< of the whole header with its TLVs, which are skipped

  bool operator==(const proxy_header&) const = default;
};

/// At least so many bytes are missing. Whoever reads no more than these never reads beyond
/// the header.
struct proxy_needs_more {
  std::size_t bytes;
  bool operator==(const proxy_needs_more&) const = default;
};

/// Not such a header. `why` lives forever.
struct proxy_bad {
  std::string_view why;
  bool operator==(const proxy_bad&) const = default;
};

/// The longest header that is accepted: one for Unix sockets and 304 bytes of TLVs, the length
/// that the specification lets every receiver assume to come in one piece.
constexpr std::size_t max_proxy_header = 536;

/// Looks at the first bytes of a connection. Noise is found at its first wrong byte.
std::variant<proxy_header, proxy_needs_more, proxy_bad> parse_proxy_header(std::string_view bytes);

} // namespace hamlet::net
