// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hamlet::irc {

/// One token of 005: "NICKLEN=31", "UTF8ONLY"; one with '-' in front takes it back.
struct isupport_token {
  std::string name;
  std::string value;

  std::string text() const; ///< the value escaped; no '=' for an empty one
  bool operator==(const isupport_token&) const = default;
};

/// What makes `after` of `before`: tokens that are new or have another value, and "-NAME" for those
/// that are gone (modern, RPL_ISUPPORT).
std::vector<isupport_token> changed_tokens(std::span<const isupport_token> before,
                                           std::span<const isupport_token> after);

/// As values of 005 have them: space, '=' and '\' as "\x20", "\x3D" and "\x5C" (modern,
/// RPL_ISUPPORT); controls, which no value needs, likewise.
std::string escape_isupport(std::string_view value);

/// The middles of the 005 lines, "A=1 B C=2": at most 13 tokens each, as a message has at most 15
/// parameters and two are the nick and the text (RFC 2812 §2.3.1), and at most `room` octets.
/// @param room 510 without ":server 005 nick " and " :are supported by this server".
std::vector<std::string> isupport_lines(std::span<const isupport_token> tokens, std::size_t room);

} // namespace hamlet::irc
