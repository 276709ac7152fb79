// SPDX-License-Identifier: Apache-2.0
#include "lib/irc/ban.hpp"

#include <gtest/gtest.h>

namespace hamlet::irc {

namespace {

std::string shown(std::string_view text) {
  auto x = ban::of(text);
  return x ? x->text() : "(none)";
}

bool in_channel(std::string_view channel, char prefix) {
  return channel == "#ops" && (prefix == 0 || prefix == '+');
}

const ban_target bob{{.nick = "bob",
                      .user = "b",
                      .host = "c.example",
                      .ip = "10.0.0.5",
                      .account = "Robert",
                      .realname = "Bob the Bot",
                      .certfp = "ABcd12",
                      .in_channel = in_channel}};
const ban_target guest{{.nick = "guest", .user = "g", .host = "g.example"}};

} // namespace

TEST(Ban, HasOneTextHoweverItIsWritten) { // IRCv3 account-extban
  std::pair<std::string_view, std::string_view> bans[] = {
    {"nick", "nick!*@*"},
    {"*!*@10.0.0.9/8", "*!*@10.0.0.0/8"},
    {"a:bob", "~a:bob"},
    {"~a:bob", "~a:bob"},
    {"account:bob", "~a:bob"},
    {"~Account:bob", "~a:bob"},
    {"m:nick", "~m:nick!*@*"},
    {"~mute:~account:bob", "~m:a:bob"},
    {"m:U:r:*bot*", "~m:U:r:*bot*"},
    {"U:*", "~U:*!*@*"},
    {"j:#chan", "~c:#chan"},
    {"c:@#chan", "~c:@#chan"},
    {"z:abcd", "~z:abcd"},
    {"a::1", "*!*@a::1"}, // an address
    {"a:", "(none)"},
    {"~a:", "(none)"},
    {"~x:y", "(none)"},
    {"~A:y", "(none)"},
    {"c:#a*", "(none)"},
    {"c:@", "(none)"},
    {"m:m:m:m:m:x", "(none)"},
    {"m:", "(none)"},
    {"~nick", "~nick!*@*"},
    {"", "(none)"},
  };
  for (auto& [text, expected] : bans) {
    EXPECT_EQ(shown(text), expected) << text;
    if (expected != "(none)") {
      EXPECT_EQ(shown(expected), expected) << text;
    }
  }
}

TEST(Ban, LooksAtWhatItsLetterSays) {
  struct row {
    std::string_view text;
    bool bob_matches, guest_matches;
  };
  row rows[] = {
    {"bob", true, false},        {"a:robert", true, false},
    {"a:bob", false, false},     {"a:*", true, false},
    {"U:*", false, true},        {"U:b*", false, false},
    {"r:*the_bot", true, false}, {"c:#ops", true, false},
    {"c:#OPS", true, false},     {"c:+#ops", true, false},
    {"c:@#ops", false, false},   {"z:abCD*", true, false},
    {"z:*", true, false},        {"m:*!*@10.0.0.0/8", true, false},
    {"m:a:rob*", true, false},   {"~m:U:*!*@g.example", false, true},
  };
  for (auto& [text, bob_matches, guest_matches] : rows) {
    auto x = ban::of(text).value();
    EXPECT_EQ(x.matches(bob), bob_matches) << text;
    EXPECT_EQ(x.matches(guest), guest_matches) << text;
  }
}

TEST(Ban, ThatMutesLetsIn) {
  std::vector bans{ban::of("m:bob").value(), ban::of("alice").value()};
  EXPECT_EQ(find_match(bans, bob, ban_scope::join), nullptr);
  ASSERT_NE(find_match(bans, bob, ban_scope::speak), nullptr);
  EXPECT_EQ(find_match(bans, bob, ban_scope::speak)->text(), "~m:bob!*@*");
  bans.push_back(ban::of("bob").value());
  EXPECT_EQ(find_match(bans, bob, ban_scope::join), &bans[2]);
}

TEST(Ban, IsAnnounced) { // modern (EXTBAN Parameter), IRCv3 account-extban
  EXPECT_EQ(extban_token(), "~,Uacjmrz");
  EXPECT_EQ(account_extban_token(), "a,account");
}

} // namespace hamlet::irc
