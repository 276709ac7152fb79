// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace hamlet::utf8 {

/// Strict, RFC 3629 §4: no surrogates, no overlong forms, nothing above U+10FFFF.
bool is_valid(std::string_view text);

/// Only octets below 128.
bool is_ascii(std::string_view text);

/// Characters (code points) of a valid text.
std::size_t count(std::string_view text);

/// Takes one character off the begin of `text`; nullopt, and nothing is taken, where none
/// stands in valid form.
std::optional<char32_t> take(std::string_view& text);

/// Adds one character, which is a Unicode scalar value.
void append(std::string& out, char32_t x);

/// The same text with U+FFFD for each octet that is in no character.
std::string repaired(std::string_view text);

/// Normalization form C. nullopt: not valid UTF-8.
std::optional<std::string> to_nfc(std::string_view text);

} // namespace hamlet::utf8
