// SPDX-License-Identifier: Apache-2.0
#include "lib/irc/glob.hpp"

#include <gtest/gtest.h>

namespace hamlet::irc {

TEST(Glob, MatchesAsMasksDo) { // RFC 2812 §2.5
  struct row {
    std::string_view pattern, text;
    bool matches;
  };
  row rows[] = {
    {"a?c", "abc", true},
    {"a?c", "ac", false},
    {"a?c", "abbc", false},
    {"a*c", "ac", true},
    {"a*c", "axyzc", true},
    {"a*c", "acx", false},
    {"*", "", true},
    {"?", "", false},
    {"", "", true},
    {"", "a", false},
    {"*.Example.ORG", "irc.example.org", true},
    {"**a**", "bab", true},
    {"*a*b*", "xaxbx", true},
    {"*ab", "aab", true},
    {"*?", "a", true},
    {"?*?", "a", false},
    {"a\\*c", "a*c", true},
    {"a\\*c", "abc", false},
    {"a\\?", "a?", true},
    {"a\\?", "ab", false},
    {"a\\b", "a\\b", true},
    {"a\\", "a\\", true},
    {"\\", "x", false},
    {"a\\\\", "a\\\\", true},
    {"NICK[", "nick[", true},
    {"NICK[", "nick{", false},
    {"J?rgen", "j\u00fcrgen", true},
    {"J\u00dcRGEN", "j\u00fcrgen", true},
    {"?", "\xff", true},
    {"*\xff*",
     "a\xff"
     "b",
     true},
    {"*a?", "aab", true},
  };
  for (auto& [pattern, text, matches] : rows)
    EXPECT_EQ(glob{pattern}.matches(text), matches) << pattern << " " << text;
}

TEST(Glob, IsNotSlowWhereBacktrackingIs) {
  std::string pattern;
  for (int i = 0; i < 100; ++i)
    pattern += "a*";
  pattern += "b";
  EXPECT_FALSE(glob{pattern}.matches(std::string(500, 'a'))); // or the time-out of the test
}

TEST(Glob, KnowsItsWildcards) {
  EXPECT_TRUE(has_wildcard("a*"));
  EXPECT_TRUE(has_wildcard("\\**"));
  EXPECT_FALSE(has_wildcard("a\\*\\?\\"));
  EXPECT_EQ(collapsed("***a**?**\\***"), "*a*?*\\**");
  EXPECT_TRUE(glob{"***"}.matches_all());
}

} // namespace hamlet::irc
