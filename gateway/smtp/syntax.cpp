// SPDX-License-Identifier: Apache-2.0
#include "gateway/smtp/syntax.hpp"

#include "lib/text/ascii.hpp"
#include "lib/text/utf8.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace hamlet::smtp {

namespace {

// Replies of one turn leave in one piece: one packet, one TLS record.
void append(effects& out, std::string_view bytes) {
  if (out.empty() || !std::holds_alternative<write>(out.back()))
    out.emplace_back(write{});
  std::get<write>(out.back()).bytes += bytes;
}

bool is_letter_or_digit(char x) {
  return ascii::is_digit(x) || (ascii::lower(x) >= 'a' && ascii::lower(x) <= 'z');
}

bool is_control(char x) {
  return (x >= 0 && x < ' ') || x == 127;
}

bool is_keyword(std::string_view x) {
  return !x.empty() && x.front() != '-'
         && std::ranges::all_of(x, [](char c) { return c == '-' || is_letter_or_digit(c); });
}

bool is_value(std::string_view x) {
  return !x.empty()
         && std::ranges::none_of(x, [](char c) { return is_control(c) || c == ' ' || c == '='; })
         && utf8::is_valid(x);
}

/// "2.1.0 " of "2.1.0 Ok": each line of a reply carries it (RFC 2034 §4).
std::string_view enhanced_code(std::string_view line) {
  auto space = line.find(' ');
  if (space == line.npos || space < 5 || line[1] != '.')
    return {};
  auto code = line.substr(0, space);
  auto is_code = std::ranges::all_of(code, [](char x) { return x == '.' || ascii::is_digit(x); })
                 && std::ranges::count(code, '.') == 2;
  return is_code ? line.substr(0, space + 1) : std::string_view{};
}

} // namespace

std::pair<std::string_view, std::string_view> split(std::string_view line) {
  // RFC 5321 §4.1.1: white space before the CRLF is tolerated
  line = line.substr(0, line.find_last_not_of(" \t") + 1);
  auto space = line.find(' ');
  if (space == line.npos)
    return {line, {}};
  return {line.substr(0, space), line.substr(line.find_first_not_of(' ', space))};
}

std::optional<std::string_view> after_keyword(std::string_view arg, std::string_view keyword) {
  if (!ascii::starts_with_word(arg, keyword))
    return std::nullopt;
  arg.remove_prefix(keyword.size());
  return arg.substr(std::min(arg.find_first_not_of(' '), arg.size()));
}

std::optional<std::vector<parameter>> parse_parameters(std::string_view text) {
  std::vector<parameter> found;
  while (!text.empty()) {
    auto word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    if (word.empty())
      continue; // some clients send two spaces
    auto equals = word.find('=');
    parameter p{word.substr(0, equals), std::nullopt};
    if (equals != word.npos)
      p.value = word.substr(equals + 1);
    if (!is_keyword(p.keyword) || (p.value && !is_value(*p.value)))
      return std::nullopt;
    found.push_back(p);
  }
  return found;
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
  if (text.empty() || text.size() > 20 || !std::ranges::all_of(text, ascii::is_digit))
    return std::nullopt;
  std::uint64_t n = 0;
  auto parsed = std::from_chars(text.data(), text.data() + text.size(), n);
  return parsed.ec == std::errc{} ? n : std::numeric_limits<std::uint64_t>::max();
}

std::optional<std::uint8_t> parse_notify(std::string_view value) {
  if (ascii::same_word(value, "NEVER"))
    return notify::never;
  unsigned bits = 0;
  for (;;) {
    auto word = value.substr(0, value.find(','));
    unsigned bit = ascii::same_word(word, "SUCCESS")   ? notify::success
                   : ascii::same_word(word, "FAILURE") ? notify::failure
                   : ascii::same_word(word, "DELAY")   ? notify::delay
                                                       : 0;
    if (bit == 0)
      return std::nullopt;
    bits |= bit;
    if (word.size() == value.size())
      return static_cast<std::uint8_t>(bits);
    value.remove_prefix(word.size() + 1);
  }
}

bool is_client_name(std::string_view text) {
  constexpr std::string_view not_in_names = "()<>\"\\,;@[]";
  if (text.empty() || text.size() > 255)
    return false;
  if (text.size() > 2 && text.starts_with('[') && text.ends_with(']'))
    text = text.substr(1, text.size() - 2);
  return std::ranges::all_of(
    text, [&](char x) { return x > ' ' && x < 127 && not_in_names.find(x) == not_in_names.npos; });
}

bool is_plain(std::string_view text) {
  return utf8::is_valid(text) && std::ranges::none_of(text, is_control);
}

// RFC 5321 §4.2.1: a hyphen after the code of all lines but the last.
void say(effects& out, const reply& r) {
  constexpr std::size_t max_reply = 512 - 6; // RFC 5321 §4.5.3.1.5: with code and CRLF
  std::string_view text = r.text;
  auto prefix = enhanced_code(text.substr(0, text.find('\n')));
  for (bool first = true;; first = false) {
    auto end = text.find('\n');
    std::string line{text.substr(0, end)};
    if (!first && enhanced_code(line).empty())
      line.insert(0, prefix);
    if (line.size() > max_reply)
      line.resize(max_reply);
    std::ranges::replace_if(line, is_control, '?'); // nobody else's words begin a line of ours
    append(out, std::to_string(r.code) + (end == text.npos ? ' ' : '-') + line + "\r\n");
    if (end == text.npos)
      return;
    text.remove_prefix(end + 1);
  }
}

} // namespace hamlet::smtp
