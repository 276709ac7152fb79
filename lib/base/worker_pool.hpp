// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace hamlet {

/// Threads for work that blocks or takes long: password hashes, files. An actor hands it a job
/// and goes on; the job's last act is to answer (actors/resume.hpp).
class worker_pool {
public:
  /// @param bound Jobs that may wait; more are refused.
  worker_pool(std::size_t threads, std::size_t bound);
  worker_pool(const worker_pool&) = delete;
  ~worker_pool(); ///< finishes what is queued

  /// False: the queue is full, and `job` was not taken. Any thread.
  bool submit(std::function<void()> job);

private:
  void work();

  const std::size_t bound_;
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<std::function<void()>> jobs_;
  bool closed_ = false;
  std::vector<std::thread> threads_; // last: they use all of the above
};

} // namespace hamlet
