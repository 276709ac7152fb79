// SPDX-License-Identifier: Apache-2.0
#include "gateway/irc/throttles.hpp"

#include <gtest/gtest.h>

using namespace std::chrono_literals;

namespace hamlet::irc {

namespace {

const throttles::clock::time_point start{1h};
const config::rate three_a_minute{3, 60s};

TEST(Throttles, HoldOneChannelAgainAndAgainAndNoOther) {
  throttles x;
  for (int i = 0; i < 3; ++i)
    EXPECT_TRUE(x.allow_join("#a", three_a_minute, start));
  EXPECT_FALSE(x.allow_join("#a", three_a_minute, start));
  for (int i = 0; i < 500; ++i)
    EXPECT_TRUE(x.allow_join("#" + std::to_string(i), three_a_minute, start));
}

TEST(Throttles, OpenAChannelAgainAfterATime) {
  throttles x;
  for (int i = 0; i < 3; ++i)
    x.allow_join("#a", three_a_minute, start);
  EXPECT_FALSE(x.allow_join("#a", three_a_minute, start + 19s));
  EXPECT_TRUE(x.allow_join("#a", three_a_minute, start + 20s));
  EXPECT_FALSE(x.allow_join("#a", three_a_minute, start + 20s));
}

TEST(Throttles, ThatAreOffHoldNothing) {
  throttles x;
  for (int i = 0; i < 100; ++i)
    EXPECT_TRUE(x.allow_join("#a", config::rate{}, start));
}

} // namespace

} // namespace hamlet::irc
