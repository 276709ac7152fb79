// SPDX-License-Identifier: Apache-2.0
#include "tests/gateway/irc/irc_world.hpp"

#include <gtest/gtest.h>

// LIST: RFC 2812 §3.2.6; modern, ELIST.

namespace hamlet::irc {
namespace {

using namespace std::chrono_literals;
using strings = std::vector<std::string>;

TEST(List, ShowsChannelsByTheirConditions) {
  irc_world w;
  w.enter();
  auto put = [&](const char* name, std::uint32_t members, int minutes_old, int topic_minutes,
                 const char* modes = "+nt") {
    auto card = std::make_shared<channel_card>();
    card->name = name;
    card->members = members;
    card->created_ms = w.now.wall_ms - minutes_old * 60'000LL;
    card->topic_ms = topic_minutes == 0 ? 0 : w.now.wall_ms - topic_minutes * 60'000LL;
    card->topic = "t";
    card->modes = modes;
    card->is_secret = std::string_view{modes}.find('s') != std::string_view::npos;
    w.people.put(channel_ref{card});
  };
  put("#old", 5, 100, 90);
  put("#new", 1, 5, 3);
  put("#secret", 9, 50, 0, "+nst");
  put("#mine", 2, 50, 0, "+nst");
  w.people.set_member(1, {"#mine", "", true});
  const std::pair<const char*, strings> rows[] = {
    {"LIST", {"#mine", "#new", "#old"}},
    {"LIST #old,#secret", {"#old"}},
    {"LIST >1", {"#mine", "#old"}},
    {"LIST <2", {"#new"}},
    {"LIST C>60", {"#old"}}, // created more than an hour ago
    {"LIST C<60", {"#mine", "#new"}},
    {"LIST T>60", {"#old"}},
    {"LIST T<60", {"#new"}},
    {"LIST #o*", {"#old"}},
    {"LIST !#o*", {"#mine", "#new"}},
    {"LIST >1,!#o*", {"#mine"}},
    {"LIST >x", {"#mine", "#new", "#old"}},
  };
  for (auto& [line, expected] : rows) {
    strings names;
    for (auto& x : w.ask(line))
      if (x.find(" 322 ") != x.npos)
        names.push_back(x.substr(20, x.find(' ', 20) - 20));
    std::ranges::sort(names);
    EXPECT_EQ(names, expected) << line;
  }
  auto lines = w.ask("LIST #old");
  EXPECT_EQ(joined(lines), ":irc.example 321 me Channel :Users  Name\n"
                           ":irc.example 322 me #old 5 :[+nt] t\n"
                           ":irc.example 323 me :End of LIST");
}

} // namespace
} // namespace hamlet::irc
