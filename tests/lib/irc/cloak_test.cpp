// SPDX-License-Identifier: Apache-2.0
#include "lib/irc/cloak.hpp"

#include <gtest/gtest.h>

#include <set>

namespace hamlet::irc {

namespace {

ip_address ip(std::string_view text) {
  return ip_address::of(text).value();
}

} // namespace

TEST(Cloak, IsOneForEachAddressAndEach64) {
  cloaker x{"key", "ip.example"};
  EXPECT_EQ(x.cloak(ip("192.0.2.1")), x.cloak(ip("192.0.2.1")));
  EXPECT_EQ(x.cloak(ip("192.0.2.1")), x.cloak(ip("::ffff:192.0.2.1")));
  EXPECT_NE(x.cloak(ip("192.0.2.1")), x.cloak(ip("192.0.2.2")));
  EXPECT_EQ(x.cloak(ip("2001:db8:0:1::1")), x.cloak(ip("2001:db8:0:1:ffff::2")));
  EXPECT_NE(x.cloak(ip("2001:db8:0:1::1")), x.cloak(ip("2001:db8:0:2::1")));
  EXPECT_NE(x.cloak(ip("192.0.2.1")), cloaker("other", "ip.example").cloak(ip("192.0.2.1")));
}

TEST(Cloak, IsAHostOfSixteenLettersAndTheSuffix) { // RFC 4648 §6
  auto text = cloaker{"key", "ip.example"}.cloak(ip("192.0.2.1"));
  ASSERT_EQ(text.size(), 16 + std::string_view{".ip.example"}.size());
  EXPECT_EQ(text.find_first_not_of("abcdefghijklmnopqrstuvwxyz234567"), 16u);
  EXPECT_TRUE(text.ends_with(".ip.example"));
  std::set<char> letters;
  for (int i = 0; i < 100; ++i)
    for (auto c : cloaker{std::to_string(i), "x"}.cloak(ip("192.0.2.1")).substr(0, 16))
      letters.insert(c);
  EXPECT_EQ(letters.size(), 32u);
}

TEST(Cloak, OfAnOldKeyIsStillKnown) {
  cloaker before{"old", "ip.example"};
  cloaker after{"new", "ip.example", {"old", "older"}};
  auto all = after.all(ip("192.0.2.1"));
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0], after.cloak(ip("192.0.2.1")));
  EXPECT_EQ(all[1], before.cloak(ip("192.0.2.1")));
}

TEST(Cloak, IsTheAddressWithoutAKey) {
  cloaker x{"", "ip.example"};
  EXPECT_EQ(x.cloak(ip("192.0.2.1")), "192.0.2.1");
  EXPECT_EQ(x.cloak(ip("::1")), "0::1"); // a parameter may not begin with ':'
}

TEST(AccountHost, HasOnlyWhatHostsHave) {
  EXPECT_EQ(account_host("Bob_1", "user.example"), "bob-1.user.example");
}

} // namespace hamlet::irc
