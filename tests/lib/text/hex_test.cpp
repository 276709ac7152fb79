// SPDX-License-Identifier: Apache-2.0
#include "lib/text/hex.hpp"

#include <gtest/gtest.h>

namespace hamlet {

using namespace std::string_view_literals;

TEST(Hex, IsReadBack) {
  EXPECT_EQ(to_hex("\x00\x7f\x80\xff"sv), "007f80ff");
  EXPECT_EQ(from_hex("007f80ff"), "\x00\x7f\x80\xff"sv);
  EXPECT_EQ(from_hex(""), "");
}

TEST(Hex, RefusesWhatItDoesNotWrite) {
  for (auto text : {"0"sv, "0g"sv, "g0"sv, "0x"sv, " 0"sv, "0\0"sv, "00 "sv, "FF"sv, "\xc3\xa9"sv})
    EXPECT_EQ(from_hex(text), std::nullopt) << text;
}

TEST(Hex, KnowsDigitsOfEitherCase) {
  EXPECT_EQ(hex_value('9'), 9);
  EXPECT_EQ(hex_value('a'), 10);
  EXPECT_EQ(hex_value('F'), 15);
  for (char x : "/:@G`g"sv)
    EXPECT_EQ(hex_value(x), -1) << x;
}

} // namespace hamlet
