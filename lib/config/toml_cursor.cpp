// SPDX-License-Identifier: Apache-2.0
#include "lib/config/toml_cursor.hpp"

#include "lib/text/utf8.hpp"

#include <algorithm>

namespace hamlet::config {

bool toml_cursor::take(std::string_view what) {
  if (!is_at(what))
    return false;
  at_ += what.size();
  return true;
}

bool toml_cursor::take_newline() {
  if (!take("\n") && !take("\r\n"))
    return false;
  ++line_;
  column_ = 1;
  counted_ = at_;
  return true;
}

void toml_cursor::skip_blanks() {
  while (peek() == ' ' || peek() == '\t')
    ++at_;
}

bool toml_cursor::is_control() const {
  auto c = static_cast<unsigned char>(peek());
  return !is_at_end() && ((c < ' ' && c != '\t') || c == 0x7f);
}

bool toml_cursor::skip_comment() {
  if (peek() != '#')
    return true;
  while (!is_at_end() && !is_control())
    ++at_;
  return is_at_end() || is_at("\n") || is_at("\r\n") || fault("a control character in a comment");
}

bool toml_cursor::skip_lines() {
  do {
    skip_blanks();
    if (!skip_comment())
      return false;
  } while (take_newline());
  return true;
}

void toml_cursor::skip_rest_of_line() {
  while (!is_at_end() && peek() != '\n')
    ++at_;
  (void)take_newline();
}

position toml_cursor::here() {
  // From the last place on: a line may be all of the text.
  column_ += static_cast<std::uint32_t>(utf8::count(text_.substr(counted_, at_ - counted_)));
  counted_ = at_;
  return {line_, column_};
}

bool toml_cursor::fault(position at, std::string text) {
  faults_.push_back({at, std::move(text)});
  return false;
}

std::optional<std::string> toml_cursor::string(bool may_span_lines) {
  std::string out;
  auto quote = peek();
  auto three = std::string(3, quote);
  bool good = false;
  if (is_at(three))
    good = may_span_lines ? take_quoted_lines(out, quote)
                          : fault("a name may not span lines: one quotation mark, not three");
  else
    good = take_quoted(out, quote);
  return good ? std::optional{std::move(out)} : std::nullopt;
}

bool toml_cursor::take_quoted(std::string& out, char quote) {
  auto begin = here();
  ++at_;
  while (!is_at_end() && !is_at("\n") && !is_at("\r\n")) {
    if (peek() == quote) {
      ++at_;
      return true;
    }
    if (is_control())
      return fault("a control character in a string");
    if (peek() == '\\' && quote == '"') {
      if (!take_escape(out))
        return false;
    } else {
      out += take();
    }
  }
  return fault(begin, "a string without its end");
}

bool toml_cursor::take_quoted_lines(std::string& out, char quote) {
  auto begin = here();
  auto three = std::string(3, quote);
  at_ += 3;
  (void)take_newline(); // the first one is not part of the string
  while (!is_at_end()) {
    if (is_at(three)) {
      // Up to two more belong to the string.
      for (int i = 0; i < 2 && peek(3) == quote; ++i)
        out += take();
      at_ += 3;
      return true;
    }
    if (take_newline()) {
      out += '\n';
    } else if (is_control()) {
      return fault("a control character in a string");
    } else if (peek() == '\\' && quote == '"') {
      if (take_line_join())
        continue;
      if (!take_escape(out))
        return false;
    } else {
      out += take();
    }
  }
  return fault(begin, "a string without its end");
}

/// "\" at the end of a line takes all blanks and line ends behind it.
bool toml_cursor::take_line_join() {
  auto end = text_.find_first_not_of(" \t", at_ + 1);
  auto rest = text_.substr(std::min(end, text_.size()));
  if (!rest.starts_with("\n") && !rest.starts_with("\r\n"))
    return false;
  ++at_;
  do
    skip_blanks();
  while (take_newline());
  return true;
}

bool toml_cursor::take_escape(std::string& out) {
  constexpr std::string_view names = "btnfr\"\\";
  constexpr std::string_view meant = "\b\t\n\f\r\"\\";
  auto place = names.find(peek(1));
  if (place != names.npos) {
    out += meant[place];
    at_ += 2;
    return true;
  }
  if (peek(1) == 'u')
    return take_code(out, 4);
  if (peek(1) == 'U')
    return take_code(out, 8);
  return fault("\\ begins an escape; for itself it is written \\\\, or the string in '...'");
}

bool toml_cursor::take_code(std::string& out, int digits) {
  auto begin = here();
  at_ += 2;
  char32_t code = 0;
  for (int i = 0; i < digits; ++i) {
    auto digit = std::string_view{"0123456789abcdef"}.find(
      peek() >= 'A' && peek() <= 'F' ? static_cast<char>(peek() + 32) : peek());
    if (digit == std::string_view::npos)
      return fault(begin, "an escape with too few digits");
    code = code << 4 | static_cast<char32_t>(digit);
    ++at_;
  }
  if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
    return fault(begin, "an escape that stands for no character");
  utf8::append(out, code);
  return true;
}

} // namespace hamlet::config
