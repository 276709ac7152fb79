// SPDX-License-Identifier: Apache-2.0
#include "lib/irc/isupport.hpp"

#include <algorithm>

namespace hamlet::irc {

namespace {
constexpr std::size_t max_tokens = 13;
} // namespace

std::string escape_isupport(std::string_view value) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (auto x : value) {
    auto code = static_cast<unsigned char>(x);
    if (code <= ' ' || code == 0x7f || x == '=' || x == '\\') {
      out += "\\x";
      out += digits[code >> 4];
      out += digits[code & 15];
    } else {
      out += x;
    }
  }
  return out;
}

std::string isupport_token::text() const {
  return value.empty() ? name : name + "=" + escape_isupport(value);
}

std::vector<isupport_token> changed_tokens(std::span<const isupport_token> before,
                                           std::span<const isupport_token> after) {
  std::vector<isupport_token> out;
  for (auto& x : after)
    if (std::ranges::find(before, x) == before.end())
      out.push_back(x);
  for (auto& x : before)
    if (std::ranges::find(after, x.name, &isupport_token::name) == after.end())
      out.push_back({"-" + x.name, ""});
  return out;
}

std::vector<std::string> isupport_lines(std::span<const isupport_token> tokens, std::size_t room) {
  std::vector<std::string> out;
  std::size_t count = 0;
  for (auto& x : tokens) {
    auto word = x.text();
    if (out.empty() || count == max_tokens || out.back().size() + 1 + word.size() > room) {
      out.push_back(std::move(word));
      count = 1;
      continue;
    }
    out.back() += ' ';
    out.back() += word;
    ++count;
  }
  return out;
}

} // namespace hamlet::irc
