// SPDX-License-Identifier: Apache-2.0
#include "lib/config/checks.hpp"

#include "lib/text/ascii.hpp"
#include "lib/text/domain.hpp"
#include "lib/text/utf8.hpp"

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

bool is_printable_text(const std::string& text) {
  auto is_control = [](unsigned char c) { return c < ' ' || c == 0x7F; };
  return !text.empty() && text.size() <= 300 && utf8::is_valid(text)
         && std::ranges::none_of(text, is_control);
}

bool are_host_masks(const std::vector<std::string>& masks) {
  return masks.size() <= 32 && std::ranges::all_of(masks, [](auto& x) {
           return !x.empty() && x.size() <= 255 && std::ranges::all_of(x, [](char c) {
             return ascii::is_letter_or_digit(c)
                    || std::string_view{"-._*?"}.find(c) != std::string_view::npos;
           });
         });
}

bool are_key_names(const std::vector<std::string>& names) {
  return names.size() <= 8 && std::ranges::all_of(names, [](auto& x) {
           return x == "derived" || is_absolute_path(x);
         });
}

bool are_printable_lines(const std::vector<std::string>& lines) {
  return lines.size() <= 10 && std::ranges::all_of(lines, is_printable_text);
}

bool is_password_hash(const std::string& text) {
  return text.starts_with("$argon2id$") && text.size() <= 256
         && std::ranges::all_of(text, is_printable);
}

bool is_fingerprint(const std::string& text) {
  return text.size() == 64 && std::ranges::all_of(text, [](char c) {
           return ascii::is_digit(c) || (c >= 'a' && c <= 'f');
         });
}

bool are_masks(const std::vector<std::string>& masks) {
  return std::ranges::all_of(masks, [](const std::string& x) {
    return x.size() <= 256 && x.find('@') != x.npos && std::ranges::all_of(x, is_printable);
  });
}

bool are_origins(const std::vector<std::string>& origins) {
  return std::ranges::all_of(origins, [](const std::string& x) {
    std::string_view rest = x;
    if (rest == "*")
      return true;
    if (rest.starts_with("https://"))
      rest.remove_prefix(8);
    else if (rest.starts_with("http://"))
      rest.remove_prefix(7);
    else
      return false;
    return !rest.empty() && rest.size() <= 256 && rest.find('/') == rest.npos
           && std::ranges::all_of(rest, is_printable);
  });
}

bool is_mode_letters(const std::string& text) {
  // The lists, the key, the limit and the prefixes, and what else takes a parameter.
  constexpr std::string_view with_parameter = "beIklfjHqaohv";
  return text.size() > 1 && text.size() <= 40 && text[0] == '+'
         && std::ranges::all_of(std::string_view{text}.substr(1), [&](char c) {
              return ascii::is_letter_or_digit(c) && !ascii::is_digit(c)
                     && with_parameter.find(c) == with_parameter.npos;
            });
}

bool is_url_path(const std::string& text) {
  return text.starts_with('/') && text.size() <= 256 && std::ranges::all_of(text, is_printable)
         && text.find_first_of("?#") == text.npos;
}

bool is_host_suffix(const std::string& text) {
  return !text.empty() && text.size() <= 40 && ascii::is_letter_or_digit(text.front())
         && ascii::is_letter_or_digit(text.back()) && text.find("..") == text.npos
         && std::ranges::all_of(
           text, [](char c) { return ascii::is_letter_or_digit(c) || c == '-' || c == '.'; });
}

bool are_words(const std::vector<std::string>& words) {
  return std::ranges::all_of(
    words, [](const std::string& x) { return !x.empty() && is_printable_word(x); });
}

} // namespace hamlet::config
