// SPDX-License-Identifier: Apache-2.0
#include "lib/base/ids.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <set>

namespace hamlet {

TEST(IdSource, RisesAndNeverRepeatsWithinAMillisecond) {
  id_source ids{7};
  std::int64_t before = 0;
  for (int i = 0; i < 100'000; ++i) {
    auto id = ids.next();
    ASSERT_GT(id, before);
    before = id;
  }
}

TEST(IdSource, NodesGiveDifferentIds) {
  id_source a{1}, b{2};
  std::set<std::int64_t> seen;
  for (int i = 0; i < 10'000; ++i) {
    seen.insert(a.next());
    seen.insert(b.next());
  }
  EXPECT_EQ(seen.size(), 20'000u);
}

TEST(IdSource, GoesOnFromTheLastOneWhenTheClockWasSetBack) {
  auto far_ahead = id_source{7}.next() + (std::int64_t{3'600'000} << 22); // an hour
  EXPECT_GT(id_source(7, far_ahead).next(), far_ahead);
}

TEST(IdText, IsReadBackAndSortsLikeTheNumber) {
  for (auto id : {std::int64_t{0}, std::int64_t{31}, std::int64_t{1} << 40,
                  std::numeric_limits<std::int64_t>::max()})
    EXPECT_EQ(id_of(id_text(id)), id);
  EXPECT_LT(id_text(99), id_text(100));
  EXPECT_EQ(id_of("0000000000001"), 1);
  EXPECT_EQ(id_of("000000000000U"), std::nullopt);
  EXPECT_EQ(id_of(""), std::nullopt);
}

TEST(IdText, OfConnectionsIsShort) {
  EXPECT_EQ(short_id_text(0), "0");
  EXPECT_EQ(short_id_text(1'099), "12B");
  for (auto id : {std::int64_t{0}, std::int64_t{32}, std::int64_t{1'099},
                  std::numeric_limits<std::int64_t>::max()})
    EXPECT_EQ(short_id_of(short_id_text(id)), id);
  EXPECT_EQ(short_id_of("12b"), 1'099);
  EXPECT_EQ(short_id_of(""), std::nullopt);
  EXPECT_EQ(short_id_of("U"), std::nullopt);
  EXPECT_EQ(short_id_of("00000000000001"), std::nullopt);
}

} // namespace hamlet
