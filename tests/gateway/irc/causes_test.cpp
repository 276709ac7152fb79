// SPDX-License-Identifier: Apache-2.0
#include "gateway/irc/causes.hpp"

#include <gtest/gtest.h>

using namespace std::chrono_literals;

namespace hamlet::irc {

namespace {

using pairs = std::vector<std::pair<std::int64_t, std::uint64_t>>;

struct Causes : ::testing::Test {
  void answered(std::int64_t by, std::uint64_t number, std::chrono::seconds when = 0s) {
    chat::v1::Stamp x;
    x.set_incarnation(by);
    x.set_number(number);
    known.learn(x, causes::instant{when});
  }
  pairs named(std::chrono::seconds when = 0s) {
    chat::v1::Origin x;
    known.put(x, causes::instant{when});
    pairs all;
    for (auto& after : x.after())
      all.emplace_back(after.incarnation(), after.number());
    return all;
  }
  causes known;
};

TEST_F(Causes, OfEachNodeTheLatestIsNamed) {
  EXPECT_TRUE(known.empty());
  answered(10, 5);
  answered(20, 7);
  answered(10, 6);
  answered(20, 3); // an answer that was overtaken
  answered(30, 0); // it has told nothing yet
  EXPECT_EQ(named(), (pairs{{20, 7}, {10, 6}}));
  EXPECT_EQ(named().size(), 2u) << "also of what is asked next";
}

TEST_F(Causes, WhatIsLongAgoIsEverywhere) {
  answered(10, 5, 0s);
  answered(20, 7, 4s);
  EXPECT_EQ(named(9s).size(), 2u);
  EXPECT_EQ(named(10s), (pairs{{20, 7}}));
  EXPECT_EQ(named(14s), pairs{});
  EXPECT_TRUE(known.empty());
}

TEST_F(Causes, AreBounded) {
  for (auto i = 1; i <= 20; ++i)
    answered(i, 1);
  auto all = named();
  ASSERT_EQ(all.size(), causes::at_most);
  EXPECT_EQ(all.front().first, 5);
  EXPECT_EQ(all.back().first, 20);
}

} // namespace

} // namespace hamlet::irc
