// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

// Protocol words are ASCII: nothing here looks at the locale.

namespace hamlet::ascii {

constexpr char lower(char x) {
  return x >= 'A' && x <= 'Z' ? static_cast<char>(x + 32) : x;
}

constexpr char upper(char x) {
  return x >= 'a' && x <= 'z' ? static_cast<char>(x - 32) : x;
}

constexpr bool is_digit(char x) {
  return x >= '0' && x <= '9';
}

constexpr bool is_letter_or_digit(char x) {
  return is_digit(x) || (lower(x) >= 'a' && lower(x) <= 'z');
}

/// Equal but for the case of ASCII letters.
inline bool same_word(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

inline bool starts_with_word(std::string_view text, std::string_view prefix) {
  return same_word(text.substr(0, prefix.size()), prefix);
}

inline std::string lowered(std::string_view text) {
  std::string out{text};
  std::ranges::transform(out, out.begin(), lower);
  return out;
}

inline std::string raised(std::string_view text) {
  std::string out{text};
  std::ranges::transform(out, out.begin(), upper);
  return out;
}

} // namespace hamlet::ascii
