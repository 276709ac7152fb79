// SPDX-License-Identifier: Apache-2.0
#include "lib/irc/mode_table.hpp"

namespace hamlet::irc {

namespace {

template <class Test>
std::string letters_where(Test test) {
  std::string out;
  for (auto& x : channel_modes)
    if (test(x))
      out += x.letter;
  return out;
}

std::string letters_of(mode_kind kind) {
  return letters_where([&](auto& x) { return x.kind == kind; });
}

std::string sorted(std::string letters) {
  std::ranges::sort(letters);
  return letters;
}

} // namespace

std::string chanmodes_token() {
  return letters_of(mode_kind::list) + "," + letters_of(mode_kind::always) + ","
         + letters_of(mode_kind::when_set) + "," + letters_of(mode_kind::flag);
}

std::string statusmsg_token() {
  std::string out;
  for (auto& x : channel_modes)
    if (x.prefix != 0)
      out += x.prefix;
  return out;
}

std::string prefix_token() {
  return "(" + letters_of(mode_kind::membership) + ")" + statusmsg_token();
}

std::string user_mode_letters() {
  std::string out;
  for (auto& x : user_modes)
    out += x.letter;
  return sorted(std::move(out));
}

std::string channel_mode_letters() {
  return sorted(letters_where([](auto&) { return true; }));
}

std::string channel_modes_with_param() {
  return sorted(letters_where([](auto& x) { return x.kind != mode_kind::flag; }));
}

std::string mode_letters::text() const {
  std::string out;
  for (char x = 'A'; x <= 'Z'; ++x)
    if (has(x))
      out += x;
  for (char x = 'a'; x <= 'z'; ++x)
    if (has(x))
      out += x;
  return out;
}

} // namespace hamlet::irc
