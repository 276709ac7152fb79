// SPDX-License-Identifier: Apache-2.0
#include "actors/account/login_guard.hpp"

#include <gtest/gtest.h>

using namespace std::chrono_literals;

namespace hamlet {

class LoginGuard : public ::testing::Test {
protected:
  void fail(std::string_view client, std::string_view name, int times, int from = 0) {
    for (int i = from; i < from + times; ++i)
      guard.failed(client, name, "digest " + std::to_string(i), now);
  }
  bool throttles(std::string_view client, std::string_view name) {
    return guard.is_throttled(client, name, now);
  }

  login_guard guard{{.failures_per_client = 6, .failures_per_name = 3, .window = 600s}};
  login_guard::clock::time_point now{1h};
};

TEST_F(LoginGuard, ThrottlesOneNameOfOneClient) {
  fail("10.0.0.1", "ann", 2);
  EXPECT_FALSE(throttles("10.0.0.1", "ann"));
  fail("10.0.0.1", "ann", 1, 2);
  EXPECT_TRUE(throttles("10.0.0.1", "ann"));
  EXPECT_FALSE(throttles("10.0.0.1", "bob"));
  EXPECT_FALSE(throttles("10.0.0.2", "ann"));
}

TEST_F(LoginGuard, ThrottlesAClientThatTriesManyNames) {
  for (auto name : {"a", "b", "c", "d", "e", "f"})
    fail("10.0.0.1", name, 1);
  EXPECT_TRUE(throttles("10.0.0.1", "somebody else"));
  EXPECT_FALSE(throttles("10.0.0.2", "a"));
}

TEST_F(LoginGuard, TakesTheSameWrongPasswordForOneGuess) {
  for (int i = 0; i < 100; ++i)
    fail("10.0.0.1", "ann", 1);
  EXPECT_FALSE(throttles("10.0.0.1", "ann"));
}

TEST_F(LoginGuard, ForgetsAfterTheWindow) {
  fail("10.0.0.1", "ann", 3);
  now += 599s;
  EXPECT_TRUE(throttles("10.0.0.1", "ann"));
  now += 1s;
  EXPECT_FALSE(throttles("10.0.0.1", "ann"));
}

TEST_F(LoginGuard, TakesChangedRulesAtOnce) {
  fail("10.0.0.1", "ann", 3);
  guard.change({.failures_per_client = 6, .failures_per_name = 4, .window = 600s});
  EXPECT_FALSE(throttles("10.0.0.1", "ann"));
}

TEST_F(LoginGuard, HasNoLimitWhereItIsZero) {
  guard.change({.failures_per_client = 0, .failures_per_name = 0, .window = 600s});
  fail("10.0.0.1", "ann", 100);
  EXPECT_FALSE(throttles("10.0.0.1", "ann"));
}

TEST_F(LoginGuard, KeepsNoClientForLongerThanTheWindow) {
  for (int i = 0; i < 1024; ++i)
    fail("client " + std::to_string(i), "ann", 1);
  now += 600s;
  fail("10.0.0.1", "ann", 1);
  EXPECT_EQ(guard.known_clients(), 1u);
}

} // namespace hamlet
