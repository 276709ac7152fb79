// SPDX-License-Identifier: Apache-2.0
#include "gateway/net/connection_limits.hpp"

#include <gtest/gtest.h>

using namespace std::chrono_literals;

namespace hamlet::net {

namespace {

const connection_limits::clock::time_point noon{std::chrono::hours{12}};

ip_address ip(std::string_view text) {
  return ip_address::of(text).value();
}

TEST(ConnectionLimits, CountsAllAddressesTogether) {
  auto limits = connection_limits::make({.total = 2, .per_address = 0, .per_minute = 0});
  auto a = limits->admit(ip("192.0.2.1"), noon);
  auto b = limits->admit(ip("192.0.2.2"), noon);
  EXPECT_TRUE(a);
  EXPECT_TRUE(b);
  EXPECT_FALSE(limits->admit(ip("192.0.2.3"), noon));
  EXPECT_EQ(limits->now().open, 2u);
  EXPECT_EQ(limits->now().over_total, 1u);
  b.give_back();
  EXPECT_TRUE(limits->admit(ip("192.0.2.3"), noon));
}

TEST(ConnectionLimits, KnowsWhichAddressesAreOneClient) {
  struct {
    const char *first, *second;
    bool same;
  } cases[] = {
    {"192.0.2.1", "192.0.2.1", true},          {"192.0.2.1", "192.0.2.2", false},
    {"192.0.2.1", "::ffff:192.0.2.1", true},   {"2001:db8::1", "2001:db8::ffff:0:0:1", true},
    {"2001:db8::1", "2001:db8:0:1::1", false},
  };
  for (auto& c : cases) {
    auto limits = connection_limits::make({.total = 0, .per_address = 1, .per_minute = 0});
    auto first = limits->admit(ip(c.first), noon);
    EXPECT_TRUE(first);
    EXPECT_EQ(static_cast<bool>(limits->admit(ip(c.second), noon)), !c.same)
      << c.first << " and " << c.second;
  }
}

TEST(ConnectionLimits, KnowsAnAddressByItsPrefix) {
  struct {
    const char *first, *second;
    bool same;
  } cases[] = {
    {"192.0.2.1", "192.0.2.255", true},      {"192.0.2.1", "192.0.3.1", false},
    {"192.0.2.1", "2001:db8::1", false},     {"2001:db8::1", "2001:db8:0:ff::1", true},
    {"2001:db8::1", "2001:db8:1::1", false},
  };
  for (auto& c : cases) {
    auto limits = connection_limits::make(
      {.total = 0, .per_address = 1, .per_minute = 0, .v4_prefix = 24, .v6_prefix = 48});
    auto first = limits->admit(ip(c.first), noon);
    EXPECT_EQ(static_cast<bool>(limits->admit(ip(c.second), noon)), !c.same)
      << c.first << " and " << c.second;
  }
}

TEST(ConnectionLimits, CountsNewConnectionsInATimeOfItsOwn) {
  auto limits = connection_limits::make(
    {.total = 0, .per_address = 0, .per_minute = 2, .minute = std::chrono::minutes{10}});
  auto come = [&](auto after) {
    return static_cast<bool>(limits->admit(ip("192.0.2.1"), noon + after));
  };
  EXPECT_TRUE(come(0s));
  EXPECT_TRUE(come(1s));
  EXPECT_FALSE(come(599s));
  EXPECT_TRUE(come(600s));
}

TEST(ConnectionLimits, GivesThePlaceBackOnce) {
  auto limits = connection_limits::make({.total = 0, .per_address = 2, .per_minute = 0});
  {
    auto a = limits->admit(ip("192.0.2.1"), noon);
    auto moved = std::move(a);
    moved.give_back();
    moved.give_back();
    EXPECT_EQ(limits->now().open, 0u);
    moved = limits->admit(ip("192.0.2.1"), noon);
    moved = limits->admit(ip("192.0.2.1"), noon); // gives the first back
    EXPECT_EQ(limits->now().open, 1u);
  }
  EXPECT_EQ(limits->now().open, 0u);
}

TEST(ConnectionLimits, OutlivesItsHandle) {
  auto limits = connection_limits::make({});
  auto a = limits->admit(ip("192.0.2.1"), noon);
  limits.reset();
  a.give_back();
}

TEST(ConnectionLimits, SlowsDownWhoComesTooOften) {
  auto limits = connection_limits::make({.total = 0, .per_address = 0, .per_minute = 3});
  for (int i = 0; i < 3; ++i)
    EXPECT_TRUE(limits->admit(ip("192.0.2.1"), noon + 10s));
  EXPECT_FALSE(limits->admit(ip("192.0.2.1"), noon + 69s));
  EXPECT_TRUE(limits->admit(ip("192.0.2.2"), noon + 69s));
  EXPECT_TRUE(limits->admit(ip("192.0.2.1"), noon + 70s));
  EXPECT_EQ(limits->now().over_per_minute, 1u);
}

TEST(ConnectionLimits, CountsTheExemptInTheTotalOnly) {
  auto limits = connection_limits::make({.total = 3,
                                         .per_address = 1,
                                         .per_minute = 1,
                                         .exempt = {network::of("192.0.2.0/24").value()}});
  auto a = limits->admit(ip("192.0.2.1"), noon);
  auto b = limits->admit(ip("192.0.2.1"), noon);
  auto c = limits->admit(ip("198.51.100.1"), noon);
  EXPECT_TRUE(a && b && c);
  EXPECT_FALSE(limits->admit(ip("192.0.2.1"), noon));
  a.give_back();
  EXPECT_FALSE(limits->admit(ip("198.51.100.1"), noon));
  EXPECT_EQ(limits->now().over_per_address, 1u);
}

TEST(ConnectionLimits, TakesNewBounds) {
  auto limits = connection_limits::make({.total = 1});
  auto a = limits->admit(ip("192.0.2.1"), noon);
  limits->change({.total = 2});
  EXPECT_TRUE(limits->admit(ip("192.0.2.1"), noon));
}

TEST(ConnectionLimits, ForgetsWhoIsGone) {
  auto limits = connection_limits::make({});
  auto stays = limits->admit(ip("2001:db8:ffff::1"), noon);
  auto address = ip("2001:db8::1").octets();
  for (unsigned i = 0; i < 50'000; ++i) { // each from its own /64, a thousand per minute
    address[6] = static_cast<std::uint8_t>(i >> 8);
    address[7] = static_cast<std::uint8_t>(i);
    ASSERT_TRUE(limits->admit(ip_address{address}, noon + i * 60ms));
    ASSERT_LE(limits->known_addresses(), 4'000u);
  }
  EXPECT_EQ(limits->now().open, 1u);
}

TEST(ConnectionLimits, RemembersNotMoreThanItCan) {
  auto limits = connection_limits::make({});
  auto address = ip("2001:db8::1").octets();
  for (unsigned i = 0; i < 250'000; ++i) { // all in one minute
    address[5] = static_cast<std::uint8_t>(i >> 16);
    address[6] = static_cast<std::uint8_t>(i >> 8);
    address[7] = static_cast<std::uint8_t>(i);
    limits->admit(ip_address{address}, noon);
  }
  EXPECT_LE(limits->known_addresses(), 110'000u);
}

} // namespace

} // namespace hamlet::net
