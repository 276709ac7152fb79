// SPDX-License-Identifier: Apache-2.0
#include "lib/irc/fakelag.hpp"

#include <gtest/gtest.h>

namespace hamlet::irc {

using namespace std::chrono_literals;

namespace {
const fakelag::clock::time_point start{1000s};
constexpr fakelag::settings five_and_two{.burst = 5, .rate = 2, .window = 1s};
} // namespace

TEST(Fakelag, AllowsABurstAndThenTheRate) { // RFC 1459 §8.10, RFC 2813 §5.8
  fakelag x{five_and_two, start};
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(x.allow(start), std::nullopt) << i;
  EXPECT_EQ(x.allow(start), 500ms);
  EXPECT_EQ(x.allow(start), 500ms); // asking costs nothing
  EXPECT_EQ(x.allow(start + 499ms), 1ms);
  EXPECT_EQ(x.allow(start + 500ms), std::nullopt);
  EXPECT_EQ(x.allow(start + 500ms), 500ms);
}

TEST(Fakelag, SavesNoMoreThanABurst) {
  fakelag x{five_and_two, start};
  auto later = start + 24h;
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(x.allow(later), std::nullopt);
  EXPECT_EQ(x.allow(later), 500ms);
}

TEST(Fakelag, TakesMoreForWhatIsDear) {
  fakelag x{five_and_two, start};
  EXPECT_EQ(x.allow(start, 3), std::nullopt);
  EXPECT_EQ(x.allow(start, 3), 500ms);
  EXPECT_EQ(x.allow(start, 2), std::nullopt);
  EXPECT_EQ(x.allow(start, command_cost::free), std::nullopt);
  EXPECT_EQ(x.allow(start, 100), 2500ms); // as the whole bucket
  EXPECT_EQ(x.allow(start + 2500ms, 100), std::nullopt);
}

TEST(Fakelag, GivesNothingBackWhenTimeRunsBackwards) {
  fakelag x{five_and_two, start};
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(x.allow(start), std::nullopt);
  EXPECT_NE(x.allow(start - 1h), std::nullopt);
  EXPECT_EQ(x.allow(start), 500ms);
}

TEST(Fakelag, ChargesWhatTurnedOutToBeDear) {
  fakelag x{five_and_two, start};
  x.charge(start, 7); // two more than there are
  EXPECT_EQ(x.allow(start), 1500ms);
  EXPECT_EQ(x.allow(start + 1500ms), std::nullopt);
  fakelag y{five_and_two, start};
  for (int i = 0; i < 10; ++i)
    y.charge(start, 1000); // never more than `most_owed`
  EXPECT_EQ(y.allow(start), 10500ms);
}

TEST(CommandCost, IsByTheWorkItMakes) {
  EXPECT_EQ(cost_of("PONG"), command_cost::free);
  EXPECT_EQ(cost_of("PRIVMSG"), command_cost::usual);
  EXPECT_EQ(cost_of("NICK"), command_cost::dear);
  EXPECT_EQ(cost_of("WHO"), command_cost::dearest);
  EXPECT_EQ(cost_of("NONSENSE"), command_cost::usual);
}

} // namespace hamlet::irc
