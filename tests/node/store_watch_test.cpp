// SPDX-License-Identifier: Apache-2.0
#include "node/store_watch.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

using namespace std::chrono_literals;

namespace hamlet::node {

namespace {

bool comes_true(const std::function<bool()>& x) {
  auto end = store_watch::clock::now() + 30s;
  while (!x())
    if (store_watch::clock::now() > end)
      return false;
  return true;
}

} // namespace

TEST(StoreWatch, ComplainsWhenNobodyHasAnsweredForAWhileAndUntilSomebodyDoes) {
  std::atomic<bool> is_there = true;
  auto ask = [&]() -> result<void_t> {
    return is_there ? result<void_t>{void_t{}} : fail(errc::store_failed, "connection\n\trefused");
  };
  store_watch watch{ask, {.every = 1ms, .patience = 200ms}};
  EXPECT_TRUE(comes_true([&] { return !watch.complaint(); }));
  is_there = false;
  ASSERT_TRUE(comes_true([&] { return watch.complaint().has_value(); }));
  EXPECT_EQ(watch.complaint()->find("the store has not answered for "), 0u);
  EXPECT_NE(watch.complaint()->find(": connection refused"), std::string::npos);
  is_there = true;
  EXPECT_TRUE(comes_true([&] { return !watch.complaint(); }));
}

TEST(StoreWatch, ComplainsOfAStoreThatHangs) {
  std::promise<void> ends;
  auto end = ends.get_future().share();
  auto ask = [&]() -> result<void_t> {
    end.wait();
    return void_t{};
  };
  store_watch watch{ask, {.every = 1ms, .patience = 50ms}};
  ASSERT_TRUE(comes_true([&] { return watch.complaint().has_value(); }));
  ends.set_value();
  EXPECT_TRUE(comes_true([&] { return !watch.complaint(); }));
}

} // namespace hamlet::node
