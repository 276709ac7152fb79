// SPDX-License-Identifier: Apache-2.0
#include "lib/mail/readable.hpp"

#include "lib/mail/header_address.hpp"
#include "lib/mail/header_field.hpp"
#include "lib/mail/mime_walk.hpp"
#include "lib/text/ascii.hpp"
#include "lib/text/base64.hpp"
#include "lib/text/charset.hpp"
#include "lib/text/hex.hpp"
#include "lib/text/utf8.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
namespace hamlet::mail {

namespace {

constexpr std::size_t max_body = 64u << 10;

/// Mail programs break lines, and forget the padding: what is no base64 is passed over.
std::string from_base64(std::string_view text) {
  std::string clean;
  std::ranges::copy_if(text, std::back_inserter(clean),
                       [](char x) { return ascii::is_letter_or_digit(x) || x == '+' || x == '/'; });
  auto open = clean.size() % 4;
  auto end = clean.substr(clean.size() - open);
  clean.resize(clean.size() - open);
  auto out = base64::decode(clean).value_or("");
  if (open > 1) // the last octets; those of a text that is cut off may be lost
    out += base64::decode(end.append(4 - open, '=')).value_or("");
  return out;
}

/// RFC 2045 §6.7; with `is_word` the "Q" encoding of RFC 2047 §4.2.
std::string from_quoted(std::string_view text, bool is_word) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_word && text[i] == '_') {
      out += ' ';
    } else if (text[i] != '=') {
      out += text[i];
    } else if (i + 2 < text.size() && hex_value(text[i + 1]) >= 0 && hex_value(text[i + 2]) >= 0) {
      out += static_cast<char>(hex_value(text[i + 1]) << 4 | hex_value(text[i + 2]));
      i += 2;
    } else if (auto end = text.substr(i).find('\n'); // a soft line break
               !is_word && end != text.npos
               && text.substr(i + 1, end - 1).find_first_not_of(" \t\r") == text.npos) {
      i += end;
    } else {
      out += '=';
    }
  }
  return out;
}

/// Of "=?charset?B?text?=" at the begin of `text`; takes it off.
std::optional<std::string> take_word(std::string_view& text) {
  if (!text.starts_with("=?"))
    return std::nullopt;
  auto mark = text.find('?', 2);
  if (mark == text.npos || mark + 2 >= text.size() || text[mark + 2] != '?')
    return std::nullopt;
  auto end = text.find("?=", mark + 3);
  if (end == text.npos)
    return std::nullopt;
  auto charset = text.substr(2, mark - 2);
  auto what = text.substr(mark + 3, end - mark - 3);
  if (charset.empty() || what.find_first_of(" \t?") != what.npos)
    return std::nullopt;
  auto kind = ascii::lower(text[mark + 1]);
  if (kind != 'b' && kind != 'q')
    return std::nullopt;
  auto out =
    text::to_utf8(kind == 'b' ? from_base64(what) : from_quoted(what, true),
                  charset.substr(0, charset.find('*'))); // RFC 2231 §5: a language behind it
  if (out)
    text.remove_prefix(end + 2);
  return out;
}

/// C0, DEL and C1 would steer the terminal, or be the formatting of a chat client.
std::string without_controls(std::string_view text) {
  std::string out;
  auto clean = utf8::repaired(text);
  for (std::string_view rest = clean; !rest.empty();) {
    auto x = utf8::take(rest).value_or(0xfffd);
    auto is_control = x < ' ' || (x >= 0x7f && x < 0xa0) || x == 0x2028 || x == 0x2029;
    auto is_bidi = (x >= 0x202a && x <= 0x202e) || (x >= 0x2066 && x <= 0x2069);
    if (!is_bidi)
      utf8::append(out, is_control ? U' ' : x);
  }
  auto end = out.find_last_not_of(' ');
  out.resize(end == out.npos ? 0 : end + 1);
  return out;
}

/// The longest begin of at most `octets`, if it can be at a space, never within a character.
std::size_t break_of(std::string_view line, std::size_t octets) {
  if (line.size() <= octets)
    return line.size();
  auto at = octets;
  while (at > 0 && (static_cast<unsigned char>(line[at]) & 0xc0) == 0x80)
    --at;
  auto space = line.substr(0, at + 1).rfind(' ');
  return space != line.npos && space > at / 2 ? space : std::max<std::size_t>(at, 1);
}

std::string shortened(std::string text, std::size_t octets) {
  constexpr std::string_view dots = "…";
  if (text.size() <= octets)
    return text;
  text.resize(break_of(text, octets - std::min(octets, dots.size())));
  return text.append(dots);
}

void add_lines(std::string_view text, const readable_bounds& bounds, readable& out) {
  while (!text.empty()) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    auto clean = without_controls(line);
    for (std::string_view rest = clean; rest.find_first_not_of(' ') != rest.npos;) {
      if (out.lines.size() >= bounds.lines) {
        out.is_cut = true;
        return;
      }
      auto end = break_of(rest, bounds.octets);
      out.lines.emplace_back(rest.substr(0, end));
      rest.remove_prefix(end);
      rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    }
  }
}

std::string decoded_body(std::string_view body, const mime_segment& how) {
  if (how.encoding == transfer::unknown)
    return {};
  auto bytes = how.encoding == transfer::base64             ? from_base64(body)
               : how.encoding == transfer::quoted_printable ? from_quoted(body, false)
                                                            : std::string{body};
  return text::to_utf8(bytes, how.charset).value_or("");
}

} // namespace

std::string decoded_words(std::string_view text) {
  std::string out;
  auto is_behind_word = false;
  while (!text.empty()) {
    auto gap = std::min(text.find_first_not_of(" \t\r\n"), text.size());
    auto spaces = text.substr(0, gap);
    text.remove_prefix(gap);
    if (auto word = take_word(text)) {
      if (!is_behind_word) // RFC 2047 §6.2: between two of them it is not shown
        out += spaces;
      out += *word;
      is_behind_word = true;
      continue;
    }
    auto plain = text.substr(0, text.find_first_of(" \t\r\n"));
    // Some write a word right behind other text.
    if (auto inside = plain.find("=?", 1); inside != plain.npos)
      plain = plain.substr(0, inside);
    out.append(spaces).append(plain);
    text.remove_prefix(plain.size());
    is_behind_word = false;
  }
  return without_controls(out);
}

readable read_plain(std::string_view message, const readable_bounds& bounds) {
  readable out;
  std::optional<std::string> subject, from;
  for (auto rest = message; auto field = take_field(rest);) {
    if (!subject && ascii::same_word(field->name, "subject"))
      subject = unfolded(field->body);
    if (!from && ascii::same_word(field->name, "from"))
      from = unfolded(field->body);
  }
  out.subject = shortened(decoded_words(subject.value_or("")), bounds.octets);
  for (auto& author : read_address_list(from.value_or(""), 1).entries) {
    auto name = decoded_words(author.name);
    out.from = shortened(name.empty() && author.who ? author.who->text() : name, bounds.octets);
  }
  message = message.substr(0, 2 * max_body);
  auto segments = walk_mime(message);
  for (auto& x : segments.value_or(std::vector<mime_segment>{}))
    if (x.kind == mime_kind::body && x.is_plain_text && !x.is_composite) {
      auto body = message.substr(x.begin, std::min(x.end - x.begin, max_body));
      out.is_cut = x.end - x.begin > max_body;
      add_lines(decoded_body(body, x), bounds, out);
      break;
    }
  return out;
}

} // namespace hamlet::mail
