// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hamlet {

/// Two lower-case digits for each octet.
inline std::string to_hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  out.reserve(2 * bytes.size());
  for (auto x : bytes) {
    out += digits[static_cast<unsigned char>(x) >> 4];
    out += digits[static_cast<unsigned char>(x) & 15];
  }
  return out;
}

/// Only what `to_hex` makes: an even number of lower-case digits.
inline std::optional<std::string> from_hex(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  if (text.size() % 2 != 0 || text.find_first_not_of(digits) != text.npos)
    return std::nullopt;
  std::string out;
  out.reserve(text.size() / 2);
  for (std::size_t at = 0; at < text.size(); at += 2)
    out += static_cast<char>(digits.find(text[at]) << 4 | digits.find(text[at + 1]));
  return out;
}

/// The value of one digit of either case, -1 for what is none.
constexpr int hex_value(char x) {
  if (x >= '0' && x <= '9')
    return x - '0';
  if (x >= 'a' && x <= 'f')
    return x - 'a' + 10;
  return x >= 'A' && x <= 'F' ? x - 'A' + 10 : -1;
}

} // namespace hamlet
