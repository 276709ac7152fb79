// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/mail/address.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// The fields that a server puts on top of a message. Nothing that a client sent can end a field
// or begin another one.

namespace hamlet::mail {

/// What a Received field tells.
struct received_info {
  std::string helo;      ///< what the client called itself, unchecked
  std::string client_ip; ///< as inet_ntop writes it
  std::string by_host;   ///< our own name
  bool extended = true;  ///< EHLO
  bool secured = false;  ///< TLS
  bool authenticated = false;
  bool utf8 = false; ///< SMTPUTF8 was asked for
  std::string id;    ///< the queue id
  /// The recipient, if it was the only one: more would tell who else got a blind copy
  /// (RFC 5321 §7.2).
  std::optional<address> only_recipient;
  std::int64_t at = 0; ///< seconds since 1970
};

/// RFC 5321 §4.4, with the protocols of RFC 3848 and RFC 6531 §4.3; several lines, CRLF behind
/// each.
std::string received_field(const received_info& info);

/// @param from The reverse-path as address::text() writes it; empty for the null path.
std::string return_path_field(std::string_view from);

/// @param to As address::text() writes it. By it a loop is seen.
std::string delivered_to_field(std::string_view to);

/// "<id@host>", RFC 5322 §3.6.4; of `id` only letters, digits, '-', '.' and '_' are used.
std::string message_id(std::string_view id, std::string_view host);

} // namespace hamlet::mail
