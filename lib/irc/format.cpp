// SPDX-License-Identifier: Apache-2.0
#include "lib/irc/format.hpp"

#include "lib/text/ascii.hpp"
#include "lib/text/hex.hpp"

#include <algorithm>

namespace hamlet::irc {

namespace {

constexpr std::string_view codes = "\x02\x03\x04\x0f\x11\x16\x1d\x1e\x1f";
constexpr char colour = '\x03';
constexpr char hex_colour = '\x04';
constexpr char ctcp = '\x01';

using digit_test = bool (*)(char);

// Digits at the begin of the text, if there are at least `min`: how many.
std::size_t digits(std::string_view text, std::size_t min, std::size_t max, digit_test test) {
  std::size_t n = 0;
  while (n < std::min(max, text.size()) && test(text[n]))
    ++n;
  return n < min ? 0 : n;
}

std::size_t pair_of_digits(std::string_view text, std::size_t min, std::size_t max,
                           digit_test test) {
  auto first = digits(text, min, max, test);
  if (first == 0 || first >= text.size() || text[first] != ',')
    return first;
  auto second = digits(text.substr(first + 1), min, max, test);
  return second == 0 ? first : first + 1 + second;
}

bool is_continuation(char x) {
  return (x & 0xc0) == 0x80;
}

} // namespace

bool has_formatting(std::string_view text) {
  return text.find_first_of(codes) != text.npos;
}

std::string strip_formatting(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    auto x = text[0];
    text.remove_prefix(1);
    if (codes.find(x) == codes.npos)
      out += x;
    else if (x == colour)
      text.remove_prefix(pair_of_digits(text, 1, 2, ascii::is_digit));
    else if (x == hex_colour)
      text.remove_prefix(pair_of_digits(text, 6, 6, [](char y) { return hex_value(y) >= 0; }));
  }
  return out;
}

bool is_ctcp(std::string_view text) {
  return text.starts_with(ctcp);
}

std::string_view ctcp_command(std::string_view text) {
  if (!is_ctcp(text))
    return {};
  text.remove_prefix(1);
  return text.substr(0, text.find_first_of(std::string_view{" \x01", 2}));
}

bool is_action(std::string_view text) {
  return ascii::same_word(ctcp_command(text), "ACTION");
}

std::string_view fitting(std::string_view text, std::size_t room) {
  if (text.size() <= room)
    return text;
  auto end = room;
  while (end > 0 && room - end < 4 && is_continuation(text[end]))
    --end;
  if (room - end >= 4 || is_continuation(text[end])) // no UTF-8
    end = room;
  return text.substr(0, end);
}

std::vector<std::string_view> split_text(std::string_view text, std::size_t room) {
  room = std::max<std::size_t>(room, 4);
  std::vector<std::string_view> out;
  while (text.size() > room) {
    auto piece = fitting(text, room);
    auto space = piece.rfind(' ');
    if (space != piece.npos && space >= room - room / 3)
      piece = piece.substr(0, space + 1);
    out.push_back(piece);
    text.remove_prefix(piece.size());
  }
  if (!text.empty() || out.empty())
    out.push_back(text);
  return out;
}

} // namespace hamlet::irc
