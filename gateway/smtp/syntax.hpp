// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/smtp/session.hpp"

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

// The grammar of RFC 5321 §4.1 and of the extensions: text to values and back, no state.

namespace hamlet::smtp {

/// "MAIL FROM:<a@b>" gives {"MAIL", "FROM:<a@b>"}; spaces around the argument are dropped.
std::pair<std::string_view, std::string_view> split(std::string_view line);

/// What follows `keyword` ("FROM:") and spaces, which some clients send against the rule.
std::optional<std::string_view> after_keyword(std::string_view arg, std::string_view keyword);

/// One esmtp-param of RFC 5321 §4.1.2.
struct parameter {
  std::string_view keyword;
  std::optional<std::string_view> value;
};

/// nullopt: a keyword or value has no legal form. Octets above 127 in a value must be UTF-8
/// (RFC 6531 §3.3); the caller knows whether they are allowed.
std::optional<std::vector<parameter>> parse_parameters(std::string_view text);

/// Digits only; what is too large for 64 bits is given as the largest number.
std::optional<std::uint64_t> parse_number(std::string_view text);

/// NOTIFY of RFC 3461 §4.1. nullopt: no legal form, or NEVER beside another word.
std::optional<std::uint8_t> parse_notify(std::string_view value);

/// What a client may call itself: a domain or an address literal, read leniently, for it is used
/// in nothing but trace fields: 1 to 255 octets without spaces, controls, quotes and brackets but
/// those of the literal. RFC 5321 §4.1.3.
bool is_client_name(std::string_view text);

/// Text of VRFY and EXPN: no controls, UTF-8.
bool is_plain(std::string_view text);

void say(effects& out, const reply& r);

} // namespace hamlet::smtp
