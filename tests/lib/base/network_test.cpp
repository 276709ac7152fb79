// SPDX-License-Identifier: Apache-2.0
#include "lib/base/network.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace hamlet {
namespace {

TEST(IpAddress, ReadsWhatItWrites) {
  for (auto* text : {"192.0.2.1", "0.0.0.0", "::", "::1", "2001:db8::1", "fe80::a:b"})
    EXPECT_EQ(ip_address::of(text)->text(), text);
}

// RFC 4291 §2.5.5.2
TEST(IpAddress, TakesAMappedAddressForTheIpv4AddressItIs) {
  EXPECT_EQ(ip_address::of("::ffff:192.0.2.1"), ip_address::of("192.0.2.1"));
  EXPECT_EQ(ip_address::of("::ffff:c000:201")->text(), "192.0.2.1");
  EXPECT_TRUE(ip_address::of("192.0.2.1")->is_v4());
  EXPECT_FALSE(ip_address::of("::192.0.2.1")->is_v4());
}

TEST(IpAddress, RefusesWhatIsNone) {
  using namespace std::string_view_literals;
  for (auto text : {""sv, "192.0.2"sv, "192.0.2.256"sv, "192.0.2.1 "sv, "[::1]"sv, "fe80::1%eth0"sv,
                    "localhost"sv, "192.0.2.1\0"sv, "1::2::3"sv, "::1/128"sv})
    EXPECT_FALSE(ip_address::of(text)) << text;
  EXPECT_FALSE(ip_address::of(std::string(1000, '1')));
}

TEST(Network, ContainsItsAddressesAndNoOthers) {
  struct {
    const char* range;
    const char* address;
    bool inside;
  } const cases[] = {
    {"192.0.2.0/24", "192.0.2.255", true},
    {"192.0.2.0/24", "192.0.3.0", false},
    {"192.0.2.0/24", "::ffff:192.0.2.7", true},
    {"192.0.2.0/23", "192.0.3.255", true},
    {"192.0.2.128/25", "192.0.2.127", false},
    {"192.0.2.128/25", "192.0.2.128", true},
    {"192.0.2.7", "192.0.2.7", true},
    {"192.0.2.7", "192.0.2.8", false},
    {"0.0.0.0/0", "203.0.113.9", true},
    {"0.0.0.0/0", "2001:db8::1", false},
    {"::/0", "2001:db8::1", true},
    {"::/0", "192.0.2.1", true},
    {"2001:db8::/32", "2001:db8:ffff::1", true},
    {"2001:db8::/32", "2001:db9::", false},
    {"2001:db8::/33", "2001:db8:8000::", false},
    {"::1", "::1", true},
    {"::1", "::2", false},
    {"::1", "no address", false},
  };
  for (const auto& x : cases) {
    auto range = network::of(x.range);
    EXPECT_EQ(range && range->contains(x.address), x.inside) << x.range << " " << x.address;
  }
}

TEST(Network, ReadsWhatItWrites) {
  for (auto* text : {"192.0.2.0/24", "0.0.0.0/0", "192.0.2.7", "2001:db8::/32", "::/0", "::1"})
    EXPECT_EQ(network::of(text)->text(), text);
  EXPECT_EQ(network::of("192.0.2.7/32")->text(), "192.0.2.7");
  EXPECT_EQ(network::of("::ffff:192.0.2.0/120"), network::of("192.0.2.0/24"));
}

TEST(Network, RefusesWhatIsNone) {
  for (auto* text : {"", "/", "/24", "192.0.2.0/", "192.0.2.0/33", "192.0.2.0/-1", "192.0.2.0/+8",
                     "192.0.2.0/024", "192.0.2.0/24 ", "192.0.2.0/24/24", "192.0.2.1/24",
                     "2001:db8::/129", "2001:db8::1/64", "example.org/24", "192.0.2.0/99999999999"})
    EXPECT_FALSE(network::of(text)) << text;
}

TEST(Network, FindsAnAddressInAList) {
  std::vector<network> list{*network::of("192.0.2.0/24"), *network::of("::1")};
  EXPECT_TRUE(any_contains(list, "192.0.2.1"));
  EXPECT_TRUE(any_contains(list, "::1"));
  EXPECT_FALSE(any_contains(list, "::2"));
  EXPECT_FALSE(any_contains(list, "unknown"));
  EXPECT_FALSE(any_contains({}, "192.0.2.1"));
}

} // namespace
} // namespace hamlet
