// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace hamlet::node {

/// Asks a store on another machine again and again whether it is there, on a thread of its own: a
/// store that hangs keeps nobody waiting but this.
class store_watch {
public:
  using clock = std::chrono::steady_clock;
  /// May block for some seconds.
  using question = std::function<result<void_t>()>;

  struct times {
    std::chrono::milliseconds every{1'000};
    /// Others wait for the store, too (storage/sql/postgres.hpp): a failover that is over so soon
    /// is nobody's business.
    std::chrono::milliseconds patience{5'000};
  };

  store_watch(question ask, times when);
  store_watch(const store_watch&) = delete;
  ~store_watch(); ///< waits for the question that is under way

  /// In words, for how long it has been silent and why. nullopt: it answers. Any thread; at once.
  std::optional<std::string> complaint() const;

private:
  void work();
  std::optional<std::string> complaint_now() const; ///< under mutex_

  const question ask_;
  const times times_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  clock::time_point answered_ = clock::now(); ///< under mutex_, as all below
  std::string why_;                           ///< of the latest question; empty: not known
  bool is_over_ = false;
  std::thread thread_; // last: it uses all of the above
};

} // namespace hamlet::node
