// SPDX-License-Identifier: Apache-2.0
#include "lib/base/worker_pool.hpp"

namespace hamlet {

worker_pool::worker_pool(std::size_t threads, std::size_t bound) : bound_{bound} {
  for (std::size_t i = 0; i < threads; ++i)
    threads_.emplace_back([this] { work(); });
}

worker_pool::~worker_pool() {
  {
    std::lock_guard lock{mutex_};
    closed_ = true;
  }
  ready_.notify_all();
  for (auto& thread : threads_)
    thread.join();
}

bool worker_pool::submit(std::function<void()> job) {
  {
    std::lock_guard lock{mutex_};
    if (closed_ || jobs_.size() >= bound_)
      return false;
    jobs_.push_back(std::move(job));
  }
  ready_.notify_one();
  return true;
}

void worker_pool::work() {
  std::unique_lock lock{mutex_};
  for (;;) {
    ready_.wait(lock, [this] { return closed_ || !jobs_.empty(); });
    if (jobs_.empty())
      return;
    auto job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    job();
    job = nullptr;
    lock.lock();
  }
}

} // namespace hamlet
