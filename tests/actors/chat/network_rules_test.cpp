// SPDX-License-Identifier: Apache-2.0
#include "actors/chat/network_rules.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace hamlet {

using chat::v1::NetworkBan;

namespace {

NetworkBan ban(const char* kind, const char* mask, std::int64_t expires_ms = 0) {
  NetworkBan x;
  x.set_kind(kind);
  x.set_mask(mask);
  x.set_reason(std::string{"because of "} + mask);
  x.set_expires_ms(expires_ms);
  return x;
}

constexpr std::int64_t now = 1'000'000;
const network_rules::person bob{"~bob", "a1b2.hidden", "10.0.0.7", "bob"};

bool bans_bob(const char* kind, const char* mask) {
  network_rules rules;
  rules.set_bans(std::vector{ban(kind, mask)});
  auto why = rules.ban_for(bob, now);
  EXPECT_TRUE(!why || *why == std::string{"because of "} + mask);
  return why.has_value();
}

} // namespace

TEST(NetworkRulesTest, BansNobodyAtFirst) {
  network_rules rules;
  EXPECT_FALSE(rules.ban_for(bob, now));
  EXPECT_FALSE(rules.dline_for("10.0.0.7", now));
  EXPECT_FALSE(rules.is_reserved_nick("bob"));
  EXPECT_FALSE(rules.is_reserved_channel("#bob"));
  EXPECT_FALSE(rules.filter("text", 'p'));
}

// A cloak does not hide from a ban of the address, nor the address from one of the cloak.
TEST(NetworkRulesTest, BansByAllThatIsKnown) {
  for (auto mask : {"*@10.0.0.7", "*@10.0.0.*", "*@10.0.0.0/24", "10.0.0.0/8", "*@*.hidden",
                    "~bob@*.HIDDEN", "?bob@*", "a:Bob", "~account:b?b"})
    EXPECT_TRUE(bans_bob("kline", mask)) << mask;
  for (auto mask : {"bob@*", "*@10.0.1.0/24", "*@hidden", "a:ann", "U:*@10.0.0.7", "*@bad.example"})
    EXPECT_FALSE(bans_bob("kline", mask)) << mask;
  EXPECT_TRUE(bans_bob("dline", "10.0.0.0/8"));
  EXPECT_FALSE(bans_bob("dline", "10.0.1.0/24"));
}

TEST(NetworkRulesTest, BansAddressesBeforeAnythingIsRead) {
  network_rules rules;
  rules.set_bans(std::vector{ban("dline", "10.0.0.0/8"), ban("kline", "*@192.0.2.1")});
  EXPECT_EQ(rules.dline_for("10.255.0.1", now), "because of 10.0.0.0/8");
  EXPECT_TRUE(rules.dline_for("::ffff:10.0.0.1", now));
  for (auto address : {"11.0.0.1", "192.0.2.1", "::1", "unknown", ""})
    EXPECT_FALSE(rules.dline_for(address, now)) << address;
}

TEST(NetworkRulesTest, LetsInWhoseBanHasExpired) {
  network_rules rules;
  rules.set_bans(std::vector{ban("dline", "10.0.0.0/8", now), ban("kline", "*@10.0.0.7", now)});
  EXPECT_TRUE(rules.ban_for(bob, now - 1));
  EXPECT_TRUE(rules.dline_for(bob.address, now - 1));
  EXPECT_FALSE(rules.ban_for(bob, now));
  EXPECT_FALSE(rules.dline_for(bob.address, now));
}

TEST(NetworkRulesTest, ForgetsWhatIsTakenAway) {
  network_rules rules;
  rules.set_bans(std::vector{ban("kline", "*@10.0.0.7"), ban("resv", "bob"), ban("resv", "#x")});
  rules.set_bans({});
  EXPECT_FALSE(rules.ban_for(bob, now));
  EXPECT_FALSE(rules.is_reserved_nick("bob"));
  EXPECT_FALSE(rules.is_reserved_channel("#x"));
}

TEST(NetworkRulesTest, ReservesNames) {
  network_rules rules;
  rules.set_bans(std::vector{ban("resv", "NickServ"), ban("resv", "*serv?"), ban("resv", "#Ad*")});
  for (auto nick : {"nickserv", "chanserv1"})
    EXPECT_TRUE(rules.is_reserved_nick(nick)) << nick;
  for (auto nick : {"nickserver1x", "bob", "#adults"})
    EXPECT_FALSE(rules.is_reserved_nick(nick)) << nick;
  EXPECT_TRUE(rules.is_reserved_channel("#adults"));
  EXPECT_FALSE(rules.is_reserved_channel("#a"));
  EXPECT_FALSE(rules.is_reserved_channel("nickserv"));
}

TEST(NetworkRulesTest, LeavesOutWhatItDoesNotKnow) {
  network_rules rules;
  rules.set_bans(std::vector{ban("xline", "*"), ban("dline", "nonsense"), ban("kline", "*@10.*")});
  EXPECT_EQ(rules.ban_for(bob, now), "because of *@10.*");
}

TEST(NetworkRulesTest, MayChangeWhileOthersRead) {
  network_rules rules;
  chat::v1::Filter filter;
  filter.set_pattern("spam");
  filter.set_targets("p");
  filter.set_action("block");
  std::jthread writer{[&] {
    for (int i = 0; i < 200; ++i) {
      rules.set_bans(std::vector{ban("kline", "*@10.0.0.7"), ban("resv", "bob")});
      rules.set_filters(std::vector{filter});
      rules.set_bans({});
      rules.set_filters({});
    }
  }};
  for (int i = 0; i < 2000; ++i) {
    auto why = rules.ban_for(bob, now);
    EXPECT_TRUE(!why || *why == "because of *@10.0.0.7");
    auto hit = rules.filter("spam", 'p');
    EXPECT_TRUE(!hit || hit->action == filter_action::block);
    rules.is_reserved_nick("bob");
  }
}

} // namespace hamlet
