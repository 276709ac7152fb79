// SPDX-License-Identifier: Apache-2.0
#include "lib/irc/mask.hpp"

#include <gtest/gtest.h>

namespace hamlet::irc {

using namespace std::string_view_literals;

namespace {

std::string full(std::string_view text) {
  auto x = hostmask::of(text);
  return x ? x->text() : "(none)";
}

} // namespace

TEST(Hostmask, IsCompletedWithStars) { // RFC 2811 §4.3
  std::pair<std::string_view, std::string_view> masks[] = {
    {"nick", "nick!*@*"},
    {"Nick!User@Host", "Nick!User@Host"},
    {"a@b", "*!a@b"},
    {"a!b", "a!b@*"},
    {"!@", "*!*@*"},
    {"*", "*!*@*"},
    {"***!**@*", "*!*@*"},
    {"irc.example.org", "*!*@irc.example.org"},
    {"2001:db8::1", "*!*@2001:db8::1"},
    {"*!*@10.0.0.0/24", "*!*@10.0.0.0/24"},
    {"*!*@10.0.0.77/24", "*!*@10.0.0.0/24"},
    {"10.0.0.77/32", "*!*@10.0.0.77"},
    {"2001:DB8::5/32", "*!*@2001:db8::/32"},
    {"*!*@10.0.0.0/33", "*!*@10.0.0.0/33"}, // a name like any other
    {"a@b@c", "*!a@b@c"},
    {"n!u@h!x", "n!u@h!x"},
    {"", "(none)"},
    {"a b", "(none)"},
    {":a", "(none)"},
    {"a\r", "(none)"},
    {"a\0b"sv, "(none)"},
    {"\xff", "(none)"},
  };
  for (auto& [text, expected] : masks) {
    EXPECT_EQ(full(text), expected) << text;
    if (expected != "(none)") {
      EXPECT_EQ(full(expected), expected) << text;
    }
  }
  EXPECT_EQ(full(std::string(250, 'a')), std::string(250, 'a') + "!*@*");
  EXPECT_EQ(full(std::string(252, 'a')), "(none)"); // too long when it is complete
}

TEST(Hostmask, LooksAtEveryHost) {
  ban_target bob{{.nick = "Bob",
                  .user = "~bob",
                  .host = "New.ip.example",
                  .real_host = "dsl.example.net",
                  .ip = "10.0.0.5",
                  .cloaks = {"old.ip.example"}}};
  ban_target six{{.nick = "six", .user = "s", .host = "c", .ip = "2001:db8:0:1::2"}};
  ban_target mapped{{.nick = "m", .user = "m", .host = "c", .ip = "::ffff:10.0.0.9"}};
  struct row {
    std::string_view mask;
    const ban_target& who;
    bool matches;
  };
  row rows[] = {
    {"bob", bob, true},
    {"B?B!*@*", bob, true},
    {"bobby", bob, false},
    {"*!bob@*", bob, false},
    {"*!~BOB@*", bob, true},
    {"*!*@new.IP.example", bob, true},
    {"*!*@old.ip.example", bob, true},
    {"*!*@*.example.net", bob, true},
    {"*!*@10.0.0.*", bob, true},
    {"*!*@10.0.0.0/24", bob, true},
    {"*!*@10.0.1.0/24", bob, false},
    {"*!*@0.0.0.0/0", bob, true},
    {"*!*@::/0", six, true},
    {"alice!*@10.0.0.0/24", bob, false},
    {"*!*@2001:db8::/32", six, true},
    {"*!*@2001:db8:0:2::/64", six, false},
    {"*!*@2001:db8:0:1:*", six, true}, // its text is 2001:db8:0:1::2
    {"*!*@2001:db8:0:1::*", six, true},
    {"*!*@10.0.0.0/24", mapped, true},
    {"*!*@10.0.0.9", mapped, true},
  };
  for (auto& [mask, who, matches] : rows)
    EXPECT_EQ(hostmask::of(mask).value().matches(who), matches) << mask << " " << who.nick;
}

} // namespace hamlet::irc
