// SPDX-License-Identifier: Apache-2.0
#include "actors/account/registration_guard.hpp"

#include <gtest/gtest.h>

using namespace std::chrono_literals;

namespace hamlet {

namespace {

using time_point = registration_guard::clock::time_point;

} // namespace

TEST(RegistrationGuard, LetsEachClientHaveSoMany) {
  registration_guard guard{{.in_all = 100, .of_a_client = 3, .of_a_client_within = 1h}};
  time_point now{};
  for (int i = 0; i < 3; ++i)
    EXPECT_TRUE(guard.take("a", now + i * 1min));
  EXPECT_FALSE(guard.take("a", now + 59min));
  EXPECT_TRUE(guard.take("b", now + 59min));
  EXPECT_TRUE(guard.take("a", now + 60min)) << "the first is forgotten";
  EXPECT_FALSE(guard.take("a", now + 60min)) << "the second is not";
}

TEST(RegistrationGuard, LetsAllTogetherHaveSoMany) {
  registration_guard guard{{.in_all = 30, .in_all_within = 10min, .of_a_client = 0}};
  time_point now{};
  for (int i = 0; i < 30; ++i)
    EXPECT_TRUE(guard.take("10.0.0." + std::to_string(i), now));
  EXPECT_FALSE(guard.take("10.0.1.1", now + 9min));
  EXPECT_TRUE(guard.take("10.0.1.1", now + 10min));
}

TEST(RegistrationGuard, CountsNobodyWhoWasNotLetIn) {
  registration_guard guard{{.in_all = 2, .in_all_within = 10min, .of_a_client = 1}};
  time_point now{};
  EXPECT_TRUE(guard.take("a", now));
  EXPECT_FALSE(guard.take("a", now));
  EXPECT_TRUE(guard.take("b", now));
  EXPECT_FALSE(guard.take("c", now));
  EXPECT_EQ(guard.known_clients(), 2u);
}

TEST(RegistrationGuard, ForgetsClients) {
  registration_guard guard{{.in_all = 0, .of_a_client = 3, .of_a_client_within = 1h}};
  time_point now{};
  for (int i = 0; i < 1000; ++i)
    EXPECT_TRUE(guard.take(std::to_string(i), now));
  EXPECT_TRUE(guard.take("last", now + 1h));
  EXPECT_EQ(guard.known_clients(), 1u);
}

TEST(RegistrationGuard, TakesZeroForNoLimit) {
  registration_guard guard{{.in_all = 0, .of_a_client = 0}};
  for (int i = 0; i < 1000; ++i)
    EXPECT_TRUE(guard.take("a", {}));
  EXPECT_EQ(guard.known_clients(), 0u);
  guard.change({.in_all = 1});
  EXPECT_TRUE(guard.take("a", {}));
  EXPECT_FALSE(guard.take("a", {}));
}

} // namespace hamlet
