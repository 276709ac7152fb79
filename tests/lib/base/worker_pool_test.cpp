// SPDX-License-Identifier: Apache-2.0
#include "lib/base/worker_pool.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

namespace hamlet {

TEST(WorkerPool, RefusesWhatItsQueueCannotHold) {
  std::promise<void> started, gate;
  std::atomic<int> done = 0;
  {
    worker_pool pool{1, 1};
    EXPECT_TRUE(pool.submit([&] {
      started.set_value();
      gate.get_future().wait();
      ++done;
    }));
    started.get_future().wait(); // it is no longer in the queue
    EXPECT_TRUE(pool.submit([&] { ++done; }));
    EXPECT_FALSE(pool.submit([&] { ++done; }));
    gate.set_value();
  }
  EXPECT_EQ(done, 2); // the end waits for what was taken
}

} // namespace hamlet
