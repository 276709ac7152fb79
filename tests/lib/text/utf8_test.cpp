// SPDX-License-Identifier: Apache-2.0
#include "lib/text/utf8.hpp"

#include <gtest/gtest.h>

namespace hamlet::utf8 {

using namespace std::string_view_literals;

TEST(Utf8, TakesEveryScalarValueAndBack) {
  for (char32_t x = 0; x <= 0x10ffff; x += x < 0x3000 ? 1 : 97) {
    if (x >= 0xd800 && x < 0xe000)
      continue;
    std::string text;
    append(text, x);
    std::string_view rest = text;
    ASSERT_EQ(take(rest), x);
    ASSERT_TRUE(rest.empty());
    ASSERT_EQ(count(text), 1u);
  }
}

TEST(Utf8, RefusesWhatRfc3629Section4DoesNotHave) {
  for (auto text : {"\x80"sv,
                    "\xbf"sv,
                    "a\x80"sv, // no first octet
                    "\xc3"sv,
                    "\xe2\x82"sv,
                    "\xf0\x9f\x98"sv, // cut off
                    "\xc3("sv,
                    "\xe2(\xa1"sv,
                    "\xf0\x28\x8c\xbc"sv, // no follower
                    "\xc0\x80"sv,
                    "\xc1\xbf"sv,
                    "\xe0\x80\xaf"sv,
                    "\xe0\x9f\xbf"sv,
                    "\xf0\x80\x80\xaf"sv,
                    "\xf0\x8f\xbf\xbf"sv, // longer than need be
                    "\xed\xa0\x80"sv,
                    "\xed\xbf\xbf"sv, // surrogates
                    "\xf4\x90\x80\x80"sv,
                    "\xf5\x80\x80\x80"sv,
                    "\xfe"sv,
                    "\xff"sv}) // above U+10FFFF
    EXPECT_FALSE(is_valid(text)) << testing::PrintToString(text);
  for (auto text : {""sv, "a\0b"sv, "\xc2\x80"sv, "\xe0\xa0\x80"sv, "\xed\x9f\xbf"sv,
                    "\xee\x80\x80"sv, "\xf0\x90\x80\x80"sv, "\xf4\x8f\xbf\xbf"sv})
    EXPECT_TRUE(is_valid(text)) << testing::PrintToString(text);
}

TEST(Utf8, RepairsEachOctetOfItsOwn) {
  EXPECT_EQ(repaired("a\xc3\xa9z"), "a\xc3\xa9z");
  EXPECT_EQ(repaired("\xe9t\xe9"), "\xef\xbf\xbdt\xef\xbf\xbd");
  EXPECT_EQ(repaired("x\xe2\x82"), "x\xef\xbf\xbd\xef\xbf\xbd"); // cut within a character
  EXPECT_EQ(repaired(""), "");
}

TEST(Utf8, ComposesToNfc) {
  EXPECT_EQ(to_nfc("u\u0308"), "\u00fc");
  EXPECT_EQ(to_nfc("plain"), "plain");
  EXPECT_EQ(to_nfc("\u212b"), "\u00c5"); // ANGSTROM SIGN
  EXPECT_EQ(to_nfc("\xff"), std::nullopt);
}

} // namespace hamlet::utf8
