// SPDX-License-Identifier: Apache-2.0
#include "lib/mail/field.hpp"

#include "lib/text/utf8.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>

namespace hamlet::mail {

namespace {

constexpr std::size_t max_column = 78;
constexpr std::size_t max_word = 900; // a line has at most 998 octets, RFC 5322 §2.1.1

} // namespace

std::string folded_field(std::string_view name, const std::vector<std::string>& words) {
  std::string out{name};
  out += ':';
  std::size_t column = out.size();
  bool is_first = true;
  for (auto& word : words) {
    auto size = std::min(word.size(), max_word);
    // The first word stays beside the name: a line of white space alone is the old form.
    bool wraps = !is_first && column + 1 + size > max_column;
    out += wraps ? "\r\n\t" : " ";
    column = (wraps ? 1 : column + 1) + size;
    // Whatever is in it, a word does not end the field.
    std::transform(word.begin(), word.begin() + static_cast<std::ptrdiff_t>(size),
                   std::back_inserter(out),
                   [](char x) { return (x >= 0 && x < ' ') || x == 127 ? ' ' : x; });
    is_first = false;
  }
  return out + "\r\n";
}

std::string printable(std::string_view text, std::size_t at_most) {
  std::string out;
  for (char x : text.substr(0, at_most))
    out += (x & 0x80) != 0 ? '?' : x < ' ' || x == 127 ? ' ' : x;
  return out;
}

std::string printable_utf8(std::string_view text, std::size_t at_most) {
  std::string out;
  while (!text.empty() && out.size() + 4 <= at_most) {
    auto x = utf8::take(text);
    if (!x) {
      out += '?';
      text.remove_prefix(1);
    } else {
      bool is_control = *x < ' ' || (*x >= 127 && *x < 0xa0) || *x == 0x2028 || *x == 0x2029;
      utf8::append(out, is_control ? U' ' : *x);
    }
  }
  return out;
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    auto end = std::min(text.find_first_of(" \t"), text.size());
    if (end > 0)
      out.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

} // namespace hamlet::mail
