// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace hamlet::log {

/// Appends `value`: bare when it is one word, else in double quotes with `\"`, `\\`, `\n`, `\r`,
/// `\t`, `\x1b` (an octet) and `\u{202e}` (a character that a terminal would obey).
void append_quoted(std::string& out, std::string_view value);

/// Appends `value` as a JSON string; octets that are no UTF-8 become U+FFFD.
void append_json(std::string& out, std::string_view value);

} // namespace hamlet::log
