// SPDX-License-Identifier: Apache-2.0
#include "actors/chat/filter_set.hpp"

#include <gtest/gtest.h>

namespace hamlet {

namespace {

chat::v1::Filter filter(std::int64_t id, const std::string& pattern,
                        const std::string& action = "block", const std::string& places = "p") {
  chat::v1::Filter x;
  x.set_id(id);
  x.set_pattern(pattern);
  x.set_action(action);
  x.set_targets(places);
  x.set_reason("filter " + std::to_string(id));
  return x;
}

filter_set set_of(const std::vector<chat::v1::Filter>& all) {
  return filter_set{all};
}

std::int64_t hit(const filter_set& set, std::string_view text, char place = 'p') {
  auto found = set.find(text, place);
  return found ? found->id : 0;
}

} // namespace

TEST(FilterSetTest, FindsAPatternAnywhereInAnyCase) {
  auto set = set_of({filter(1, "buy (cheap|now)")});
  EXPECT_EQ(hit(set, "please BUY Now!"), 1);
  EXPECT_EQ(hit(set, "please buy later"), 0);
  EXPECT_EQ(set.find("buy now", 'p')->reason, "filter 1");
}

TEST(FilterSetTest, LooksOnlyWhereItShould) {
  auto set = set_of({filter(1, "spam", "block", "pn"), filter(2, "spam", "block", "tPqac")});
  for (auto place : std::string_view{"pn"})
    EXPECT_EQ(hit(set, "spam", place), 1) << place;
  for (auto place : std::string_view{"tPqac"})
    EXPECT_EQ(hit(set, "spam", place), 2) << place;
  EXPECT_EQ(hit(set, "spam", 'x'), 0);
}

TEST(FilterSetTest, ChoosesTheHardestAction) {
  auto set = set_of({filter(1, "spam", "warn"), filter(2, "sp", "kill"), filter(3, "s", "block"),
                     filter(4, "spa", "kill")});
  EXPECT_EQ(hit(set, "spam"), 2);
  EXPECT_EQ(set.find("spam", 'p')->action, filter_action::kill);
  EXPECT_EQ(hit(set, "so"), 3);
}

TEST(FilterSetTest, SeesThroughColoursAndBold) {
  auto set = set_of({filter(1, "^buy now$")});
  for (auto text : {"buy now", "b\x02uy\x02 now",
                    "\x03"
                    "4buy\x03"
                    "04,12 now\x0f",
                    "\x04"
                    "ff0000,00FF00buy now",
                    "b\x1du\x1ey\x1f\x16 \x11now"})
    EXPECT_EQ(hit(set, text), 1) << text;
  // A pattern may also be about the colours themselves.
  EXPECT_EQ(hit(set_of({filter(1, R"(\x03[0-9].*\x03[0-9])")}), "\x03"
                                                                "4a\x03"
                                                                "5b"),
            1);
}

TEST(FilterSetTest, TakesNoMoreForAColourThanItIs) {
  EXPECT_EQ(without_formatting("\x03"
                               "123"),
            "3");
  EXPECT_EQ(without_formatting("\x03,4"), ",4");
  EXPECT_EQ(without_formatting("\x03"
                               "1,x"),
            ",x");
  EXPECT_EQ(without_formatting("\x03"
                               "1,234"),
            "4");
  EXPECT_EQ(without_formatting("\x04"
                               "abcdef0"),
            "0");
  EXPECT_EQ(without_formatting("a\x03"), "a");
}

// An engine that backtracks would not end in our days.
TEST(FilterSetTest, AnswersInLinearTimeWhateverSomebodyWrites) {
  std::string row(40'000, 'a');
  auto alone = set_of({filter(1, "(a+)+$")});
  EXPECT_EQ(hit(alone, row + "b"), 0);
  EXPECT_EQ(hit(alone, row), 1);
  auto many = set_of({filter(1, "(a+)+$"), filter(2, "(a|aa)+$"), filter(3, "(a|a?)+c"),
                      filter(4, "(.*a){12}c"), filter(5, "^(([a-z])+.)+[A-Z]([a-z])+$x")});
  EXPECT_EQ(hit(many, row + "!"), 0);
  EXPECT_EQ(hit(many, row), 1);
}

TEST(FilterSetTest, RefusesPatternsThatAreWrongOrTooLarge) {
  for (auto pattern :
       {"", "(", "a**", "(?P<x", "\\1", "(?=a)", "((a{100}){100}){100}", "(?:(?:[^a]{900}){1000})"})
    EXPECT_TRUE(filter_set::check(pattern)) << pattern;
  EXPECT_TRUE(filter_set::check(std::string(401, 'a')));
  for (auto pattern : {"a*", "", ".*", "(a|)"})
    EXPECT_TRUE(filter_set::check(pattern)) << pattern << " fits any text";
  for (auto pattern : {"(a+)+$", "buy", "\\bviagra\\b", "[[:cntrl:]]{3}"})
    EXPECT_FALSE(filter_set::check(pattern)) << pattern;
}

TEST(FilterSetTest, LeavesOutWhatItDoesNotUnderstand) {
  auto set = set_of({filter(1, "("), filter(2, "spam", "explode"), filter(3, "spam", "block", "z"),
                     filter(4, "spam")});
  EXPECT_EQ(hit(set, "spam ("), 4);
}

// Together they would need more memory than they may have: each is tried.
TEST(FilterSetTest, DoesWithoutTheCommonPassWhenItIsTooLarge) {
  std::vector<chat::v1::Filter> all;
  for (int i = 1; i <= 50; ++i)
    all.push_back(filter(i, "x" + std::to_string(i) + "(\\pL[^a]){3}z"));
  auto set = set_of(all);
  EXPECT_EQ(hit(set, "x47a.b.c.z"), 47);
  EXPECT_EQ(hit(set, "y47a.b.c.z"), 0);
}

TEST(FilterSetTest, KeepsPlacesAsBits) {
  EXPECT_EQ(filter_bits("p"), 1u);
  EXPECT_EQ(filter_bits("px"), 0u);
  EXPECT_EQ(filter_letters(filter_bits("cpq")), "pqc");
}

} // namespace hamlet
