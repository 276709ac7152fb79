// SPDX-License-Identifier: Apache-2.0
#include "lib/mail/header_field.hpp"

#include <algorithm>

namespace hamlet::mail {

namespace {

constexpr std::size_t max_line = 998;

bool is_name_text(char x) { // RFC 5322 §3.6.8 (ftext)
  return x > ' ' && x < 127 && x != ':';
}

bool is_space(char x) {
  return x == ' ' || x == '\t';
}

// Where the line that begins at `i` ends, behind its line end.
std::size_t end_of_line(std::string_view text, std::size_t i) {
  auto end = text.find('\n', i);
  return end == text.npos ? text.size() : end + 1;
}

} // namespace

std::optional<header_field> take_field(std::string_view& rest) {
  auto name_end = std::ranges::find_if_not(rest, is_name_text);
  auto colon = std::find_if_not(name_end, rest.end(), is_space);
  if (name_end == rest.begin() || colon == rest.end() || *colon != ':')
    return std::nullopt;
  auto begin = static_cast<std::size_t>(colon - rest.begin()) + 1;
  auto end = end_of_line(rest, begin);
  while (end < rest.size() && is_space(rest[end]))
    end = end_of_line(rest, end);
  header_field out{{rest.begin(), name_end}, rest.substr(begin, end - begin), rest.substr(0, end)};
  if (out.body.ends_with('\n'))
    out.body.remove_suffix(1);
  if (out.body.ends_with('\r'))
    out.body.remove_suffix(1);
  rest.remove_prefix(end);
  return out;
}

bool take_empty_line(std::string_view& rest) {
  for (std::string_view line : {"\r\n", "\n"})
    if (rest.starts_with(line)) {
      rest.remove_prefix(line.size());
      return true;
    }
  return false;
}

std::string unfolded(std::string_view body) {
  std::string out;
  out.reserve(body.size());
  for (char x : body)
    if (x != '\r' && x != '\n')
      out += x;
  while (!out.empty() && is_space(out.back()))
    out.pop_back();
  out.erase(out.begin(), std::ranges::find_if_not(out, is_space));
  return out;
}

bool is_text(std::string_view bytes) {
  while (!bytes.empty()) {
    auto end = bytes.find_first_of(std::string_view{"\r\n\0", 3});
    if (std::min(end, bytes.size()) > max_line)
      return false;
    if (end == bytes.npos)
      return true;
    if (!bytes.substr(end).starts_with("\r\n"))
      return false;
    bytes.remove_prefix(end + 2);
  }
  return true;
}

} // namespace hamlet::mail
