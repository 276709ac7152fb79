// SPDX-License-Identifier: Apache-2.0
#include "lib/text/domain.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace hamlet::text {

using namespace std::string_view_literals;

TEST(Domain, HasOneFormForEachName) {
  std::pair<std::string_view, std::string_view> names[] = {
    {"example.org", "example.org"},
    {"EXAMPLE.Org", "example.org"},
    {"localhost", "localhost"},
    {"r3---sn-1.example", "r3---sn-1.example"},
    {"3com.example", "3com.example"},
    {"XN--BCHER-KVA.example", "xn--bcher-kva.example"},
    {"b\u00fccher.example", "xn--bcher-kva.example"},
    {"B\u00dcCHER.EXAMPLE", "xn--bcher-kva.example"},
    {"bu\u0308cher.example", "xn--bcher-kva.example"}, // NFC first
    {"\u4f8b\u3048.\u30c6\u30b9\u30c8", "xn--r8jz45g.xn--zckzah"},
    {"fa\u00df.example", "xn--fa-hia.example"}, // not "fass": RFC 5891 §4
  };
  for (auto& [text, form] : names)
    EXPECT_EQ(to_ascii_domain(text), form) << text;
}

TEST(Domain, RefusesWhatIsNoHostName) { // RFC 1123 §2.1, RFC 5891 §4.2
  std::string label(63, 'a');
  auto longest = label + '.' + label + '.' + label + '.' + label; // 255
  EXPECT_TRUE(to_ascii_domain(longest));
  EXPECT_FALSE(to_ascii_domain(longest + ".a"));
  EXPECT_FALSE(to_ascii_domain(label + "a.example"));
  EXPECT_FALSE(to_ascii_domain(std::string(100'000, '\xc3')));
  std::string wide;
  for (int i = 0; i < 80; ++i)
    wide += "\u00fc.";
  EXPECT_FALSE(to_ascii_domain(wide + "example"));
  for (auto text : {""sv,
                    "."sv,
                    ".example"sv,
                    "example."sv,
                    "a..b"sv,
                    "-a.example"sv,
                    "a-.example"sv,
                    "a_b.example"sv,
                    "a b.example"sv,
                    "a\0b.example"sv,
                    "a%b"sv,
                    "[127.0.0.1]"sv,
                    "a\r\n.b"sv,
                    "\u00fc_a.example"sv,
                    "-\u00fc.example"sv,
                    "\u00fc-.example"sv,
                    "\u00fc..example"sv,
                    "\u2028.example"sv,
                    "\u00fc\0.example"sv,
                    "\xff.example"sv,
                    "\u0308a.example"sv,
                    "\u00fc@b.example"sv,
                    "\u2024\u00fc.example"sv,
                    "a\u2025b.example"sv})
    EXPECT_FALSE(to_ascii_domain(text)) << text;
}

TEST(Domain, IsShownAsPeopleWriteIt) {
  EXPECT_EQ(to_unicode_domain("xn--bcher-kva.example"), "b\u00fccher.example");
  EXPECT_EQ(to_unicode_domain("example.org"), "example.org");
  EXPECT_EQ(to_unicode_domain("xn--a.example"), "xn--a.example"); // stands for nothing
  EXPECT_EQ(to_unicode_domain("xn--\xff"), "xn--\xff");
}

} // namespace hamlet::text
