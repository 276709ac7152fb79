// SPDX-License-Identifier: Apache-2.0
#include "lib/irc/isupport.hpp"

#include <gtest/gtest.h>

namespace hamlet::irc {

TEST(Isupport, EscapesValues) { // modern, RPL_ISUPPORT
  EXPECT_EQ(escape_isupport("Example Network"), "Example\\x20Network");
  EXPECT_EQ(escape_isupport("a=b\\c"), "a\\x3Db\\x5Cc");
  EXPECT_EQ(escape_isupport("a\r\nb"), "a\\x0D\\x0Ab");
  EXPECT_EQ((isupport_token{"UTF8ONLY", ""}.text()), "UTF8ONLY");
  EXPECT_EQ((isupport_token{"NETWORK", "A B"}.text()), "NETWORK=A\\x20B");
}

TEST(Isupport, TellsWhatHasChanged) { // modern, RPL_ISUPPORT: "-" takes a token back
  std::vector<isupport_token> before{{"A", "1"}, {"B", "1"}, {"C", ""}};
  std::vector<isupport_token> after{{"A", "1"}, {"B", "2"}, {"D", ""}};
  EXPECT_EQ(changed_tokens(before, after),
            (std::vector<isupport_token>{{"B", "2"}, {"D", ""}, {"-C", ""}}));
  EXPECT_TRUE(changed_tokens(after, after).empty());
}

TEST(Isupport, HasThirteenTokensALineAndNoMoreThanFit) { // RFC 2812 §2.3.1
  std::vector<isupport_token> tokens(30, {"A", "1"});
  auto lines = isupport_lines(tokens, 400);
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0].size(), 13 * 4u - 1);
  EXPECT_EQ(lines[2], "A=1 A=1 A=1 A=1");
  lines = isupport_lines(tokens, 11);
  ASSERT_EQ(lines.size(), 10u);
  EXPECT_EQ(lines[0], "A=1 A=1 A=1");
  EXPECT_EQ(isupport_lines({}, 400).size(), 0u);
}

} // namespace hamlet::irc
