// SPDX-License-Identifier: Apache-2.0
#include "lib/irc/glob.hpp"

#include "lib/irc/casemap.hpp"

#include <algorithm>

namespace hamlet::irc {

namespace {

bool is_escape(std::string_view pattern, std::size_t at) {
  return pattern[at] == '\\' && at + 1 < pattern.size()
         && (pattern[at + 1] == '*' || pattern[at + 1] == '?');
}

// Octets of the character at the begin of the text, which is UTF-8 or else counts by octets.
std::size_t size_of_first(std::string_view text) {
  std::size_t size = 1;
  if ((text[0] & 0xc0) == 0xc0)
    while (size < std::min<std::size_t>(text.size(), 4) && (text[size] & 0xc0) == 0x80)
      ++size;
  return size;
}

} // namespace

glob::glob(std::string_view pattern) : pattern_{collapsed(fold(pattern))} {
}

bool glob::matches(std::string_view text) const {
  return matches_all() || matches_folded(fold(text));
}

// Each '*' takes as little as it can; only the last one seen ever takes more.
bool glob::matches_folded(std::string_view text) const {
  std::string_view pattern{pattern_};
  std::size_t p = 0;
  std::size_t t = 0;
  auto star = pattern.npos; // behind the last '*'
  std::size_t taken = 0;    // where the text behind it begins
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = ++p;
      taken = t;
      continue;
    }
    if (p < pattern.size()) {
      if (pattern[p] == '?') {
        ++p;
        t += size_of_first(text.substr(t));
        continue;
      }
      auto literal = p + (is_escape(pattern, p) ? 1 : 0);
      if (pattern[literal] == text[t]) {
        p = literal + 1;
        ++t;
        continue;
      }
    }
    if (star == pattern.npos)
      return false;
    p = star;
    taken += size_of_first(text.substr(taken));
    t = taken;
  }
  return pattern.find_first_not_of('*', p) == pattern.npos;
}

bool has_wildcard(std::string_view pattern) {
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (is_escape(pattern, i))
      ++i;
    else if (pattern[i] == '*' || pattern[i] == '?')
      return true;
  }
  return false;
}

std::string collapsed(std::string_view pattern) {
  std::string out;
  out.reserve(pattern.size());
  bool after_star = false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (is_escape(pattern, i)) {
      out += pattern.substr(i++, 2);
      after_star = false;
      continue;
    }
    if (pattern[i] != '*' || !after_star)
      out += pattern[i];
    after_star = pattern[i] == '*';
  }
  return out;
}

} // namespace hamlet::irc
