// SPDX-License-Identifier: Apache-2.0
#include "actors/router.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace hamlet {

template <class Make>
std::pair<int, int> spread(Make make) {
  std::array<int, shard_count> count{};
  for (std::int64_t i = 0; i < 100 * static_cast<std::int64_t>(shard_count); ++i)
    ++count[shard_of(make(i))];
  auto [least, most] = std::ranges::minmax(count);
  return {least, most};
}

// Ids follow one another: a shard has 100 of 25,600 if all is well.
TEST(Router, SpreadsAccountsThatFollowOneAnother) {
  auto [least, most] = spread([](std::int64_t i) { return i + 1; });
  EXPECT_GT(least, 50);
  EXPECT_LT(most, 200);
}

TEST(Router, SpreadsNamesThatAreAlike) {
  auto [least, most] = spread([](std::int64_t i) { return "pupil" + std::to_string(i); });
  EXPECT_GT(least, 50);
  EXPECT_LT(most, 200);
}

// Where things are must never change with a version of the program.
TEST(Router, StaysAsItIs) {
  EXPECT_EQ(shard_of(std::int64_t{1}), 172u);
  EXPECT_EQ(shard_of(std::string_view{"ann@example.org"}), 79u);
}

} // namespace hamlet
