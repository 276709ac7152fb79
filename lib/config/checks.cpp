// SPDX-License-Identifier: Apache-2.0
#include "lib/config/checks.hpp"

#include "lib/text/ascii.hpp"
#include "lib/text/domain.hpp"

#include <algorithm>
#include <string_view>

namespace hamlet::config {

namespace {

bool is_printable(char c) {
  return c > ' ' && c <= '~';
}

} // namespace

bool is_domain(const std::string& text) {
  if (text == "localhost")
    return true;
  auto dot = text.rfind('.');
  // An address is no name.
  return dot != text.npos && !std::ranges::all_of(text.substr(dot + 1), ascii::is_digit)
         && text::to_ascii_domain(text) == ascii::lowered(text);
}

bool is_absolute_path(const std::string& text) {
  return text.starts_with('/') && text.size() < 4096 && text.find('\0') == text.npos;
}

bool is_separator(const std::string& text) {
  constexpr std::string_view possible = "!#$%&'*+-/=?^_`{|}~"; // atext of RFC 5322 §3.2.3
  return text.size() == 1 && possible.find(text[0]) != possible.npos;
}

bool is_printable_word(const std::string& text) {
  return text.size() <= 64 && std::ranges::all_of(text, is_printable);
}

bool is_language(const std::string& text) {
  return text == "en" || text == "vi" || text == "zh";
}

bool is_whole_seconds(const std::chrono::milliseconds& x) {
  return x.count() % 1000 == 0;
}

} // namespace hamlet::config
