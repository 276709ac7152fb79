// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

// The two ways in which DSN parameters carry text that may not stand in a command.

namespace hamlet::mail {

/// RFC 3461 §4: printable ASCII but "+" and "=", or "+" and two upper-case hex digits.
bool is_xtext(std::string_view text);

/// Any octets may come out, also line ends and NUL; nullopt: no xtext.
std::optional<std::string> decode_xtext(std::string_view text);

std::string encode_xtext(std::string_view bytes);

/// An address in ASCII, utf-8-addr-xtext of RFC 6533 §3: "\x{F6}" for all that is not
/// plain. `utf8` is valid UTF-8.
std::string encode_utf8_address(std::string_view utf8);

/// utf-8-addr-xtext or utf-8-addr-unitext of RFC 6533 §3 to UTF-8; nullopt: neither.
std::optional<std::string> decode_utf8_address(std::string_view text);

/// The value of ORCPT, RFC 3461 §4.2: "rfc822;" and xtext, another type and xtext, or "utf-8;"
/// and an address as above. What it decodes to has no controls.
bool is_original_recipient(std::string_view text);

/// The value of ENVID, RFC 3461 §4.4: xtext of at most 100 characters that stands for
/// printable ASCII.
bool is_envelope_id(std::string_view text);

} // namespace hamlet::mail
