// SPDX-License-Identifier: Apache-2.0
#include "actors/account/verified_cache.hpp"

#include <gtest/gtest.h>

using namespace std::chrono_literals;

namespace hamlet {

constexpr verified_cache::clock::time_point start{1h};

TEST(VerifiedCache, KnowsWhatWasRight) {
  verified_cache cache{10};
  EXPECT_FALSE(cache.knows(1, "hash", "secret", start));
  cache.remember(1, "hash", "secret", 600s, start);
  EXPECT_TRUE(cache.knows(1, "hash", "secret", start + 599s));
}

TEST(VerifiedCache, KnowsNothingElse) {
  verified_cache cache{10};
  cache.remember(1, "hash", "secret", 600s, start);
  EXPECT_FALSE(cache.knows(1, "hash", "Secret", start));
  EXPECT_FALSE(cache.knows(2, "hash", "secret", start));
  EXPECT_FALSE(cache.knows(1, "of a changed password", "secret", start));
  EXPECT_FALSE(cache.knows(1, "has", "hsecret", start)); // where one ends and the next begins
}

TEST(VerifiedCache, ForgetsInTime) {
  verified_cache cache{10};
  cache.remember(1, "hash", "secret", 600s, start);
  EXPECT_FALSE(cache.knows(1, "hash", "secret", start + 600s));
}

TEST(VerifiedCache, CanBeTurnedOff) {
  verified_cache cache{10};
  cache.remember(1, "hash", "secret", 0s, start);
  EXPECT_FALSE(cache.knows(1, "hash", "secret", start));
}

TEST(VerifiedCache, HoldsNoMoreThanItsBound) {
  verified_cache cache{3};
  for (int i = 0; i < 4; ++i)
    cache.remember(i, "hash", "secret", 600s, start);
  EXPECT_FALSE(cache.knows(0, "hash", "secret", start));
  EXPECT_TRUE(cache.knows(3, "hash", "secret", start));
}

} // namespace hamlet
