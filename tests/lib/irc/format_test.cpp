// SPDX-License-Identifier: Apache-2.0
#include "lib/irc/format.hpp"

#include <gtest/gtest.h>

namespace hamlet::irc {

using namespace std::string_literals;

TEST(Formatting, IsTakenOut) { // modern, Formatting
  std::pair<std::string, std::string> texts[] = {
    {"plain", "plain"},
    {"\x02"
     "bold\x02 \x1ditalic\x1d \x1funder\x1f \x16rev\x16 \x1estrike\x1e \x11mono\x0f",
     "bold italic under rev strike mono"},
    {"\x03"
     "04red\x03",
     "red"},
    {"\x03"
     "4,12x",
     "x"},
    {"\x03"
     "123",
     "3"},
    {"\x03"
     "1,a",
     ",a"},
    {"\x03,5", ",5"},
    {"\x03"
     "01,234",
     "4"},
    {"\x04"
     "FF0000,00ff00x",
     "x"},
    {"\x04"
     "FF00x",
     "FF00x"},
    {"\x04"
     "123456,12",
     ",12"},
    {"\x03", ""},
    {"\x03"
     "1,",
     ","},
    {"", ""},
  };
  for (auto& [text, plain] : texts) {
    EXPECT_EQ(strip_formatting(text), plain);
    EXPECT_EQ(has_formatting(text), text != plain);
    EXPECT_FALSE(has_formatting(plain));
  }
}

TEST(Ctcp, IsSeenByItsFirstOctet) { // modern, CTCP
  EXPECT_TRUE(is_ctcp("\1VERSION\1"));
  EXPECT_TRUE(is_ctcp("\1VERSION"));
  EXPECT_FALSE(is_ctcp("VERSION\1"));
  EXPECT_EQ(ctcp_command("\1PING 123\1"), "PING");
  EXPECT_EQ(ctcp_command("\1\1"), "");
  EXPECT_TRUE(is_action("\1ACTION waves\1"));
  EXPECT_TRUE(is_action("\1action\1"));
  EXPECT_FALSE(is_action("\1ACTIONS\1"));
  EXPECT_FALSE(is_action("ACTION waves"));
}

TEST(Fitting, CutsNoCharacterInTwo) { // IRCv3 utf8-only
  EXPECT_EQ(fitting("abc", 5), "abc");
  EXPECT_EQ(fitting("abc", 2), "ab");
  EXPECT_EQ(fitting("a\u00e4", 2), "a");
  EXPECT_EQ(fitting("a\u00e4", 3), "a\u00e4");
  EXPECT_EQ(fitting("\U0001f600\U0001f600", 7), "\U0001f600");
  EXPECT_EQ(fitting("\U0001f600", 3), "");
  EXPECT_EQ(fitting("\x80\x80\x80\x80\x80\x80", 5), "\x80\x80\x80\x80\x80"); // no UTF-8
}

TEST(SplitText, KeepsEveryOctet) {
  EXPECT_EQ(split_text("", 10), (std::vector<std::string_view>{""}));
  EXPECT_EQ(split_text("one two three", 9), (std::vector<std::string_view>{"one two ", "three"}));
  EXPECT_EQ(split_text("abcdefgh", 4), (std::vector<std::string_view>{"abcd", "efgh"}));
  for (auto& text : {std::string(1000, 'x'), "\u00e4\u00f6 "s + std::string(50, '\x80') + "a b c"})
    for (std::size_t room : {0u, 4u, 5u, 17u}) {
      std::string whole;
      for (auto piece : split_text(text, room)) {
        EXPECT_LE(piece.size(), std::max<std::size_t>(room, 4));
        EXPECT_FALSE(piece.empty());
        whole += piece;
      }
      EXPECT_EQ(whole, text);
    }
}

} // namespace hamlet::irc
