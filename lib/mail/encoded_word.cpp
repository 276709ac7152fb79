// SPDX-License-Identifier: Apache-2.0
#include "lib/mail/encoded_word.hpp"

#include "lib/mail/field.hpp"
#include "lib/text/ascii.hpp"
#include "lib/text/base64.hpp"
#include "lib/text/utf8.hpp"

#include <algorithm>

namespace hamlet::mail {

namespace {

// 75 characters less "=?UTF-8?B?" and "?=" hold 60 of base64.
constexpr std::size_t max_octets = 45;
constexpr std::size_t max_plain_word = 900; // a longer one fits on no line

bool is_phrase_text(char x) { // atoms and the spaces between
  constexpr std::string_view marks = "!#$%&'*+-/=?^_`{|}~ ";
  return ascii::is_letter_or_digit(x) || (x != '\0' && marks.find(x) != marks.npos);
}

} // namespace

std::vector<std::string> encoded_words(std::string_view text) {
  std::vector<std::string> out;
  std::string piece;
  auto end_piece = [&] {
    if (!piece.empty())
      out.push_back("=?UTF-8?B?" + base64::encode(piece) + "?=");
    piece.clear();
  };
  while (!text.empty()) {
    auto x = utf8::take(text);
    if (!x)
      text.remove_prefix(1);
    auto known = x.value_or(0xfffd);
    if (piece.size() + 4 > max_octets)
      end_piece();
    utf8::append(piece, known < ' ' || known == 127 ? U' ' : known);
  }
  end_piece();
  return out;
}

std::vector<std::string> encoded_text(std::string_view text) {
  std::size_t first = text.npos, last = 0; // what must be encoded
  for (std::size_t i = 0; i < text.size();) {
    auto begin = std::min(text.find_first_not_of(" \t", i), text.size());
    auto end = std::min(text.find_first_of(" \t", begin), text.size());
    auto word = text.substr(begin, end - begin);
    if (printable(word, word.size()) != word || word.size() > max_plain_word) {
      first = std::min(first, begin);
      last = end;
    }
    i = end;
  }
  if (first == text.npos)
    return words_of(text);
  auto out = words_of(text.substr(0, first));
  for (auto& x : encoded_words(text.substr(first, last - first)))
    out.push_back(std::move(x));
  for (auto& x : words_of(text.substr(last)))
    out.push_back(std::move(x));
  return out;
}

std::vector<std::string> encoded_phrase(std::string_view name) {
  // "=?" in plain text would be taken for an encoded word.
  if (!utf8::is_ascii(name) || name.size() > max_plain_word || name.find("=?") != name.npos)
    return encoded_words(name);
  if (std::ranges::all_of(name, is_phrase_text))
    return words_of(name);
  std::string quoted = "\"";
  for (char x : printable(name, max_plain_word)) {
    if (x == '"' || x == '\\')
      quoted += '\\';
    quoted += x;
  }
  return {quoted + '"'};
}

} // namespace hamlet::mail
