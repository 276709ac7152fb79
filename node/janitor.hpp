// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/config/settings.hpp"

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <thread>

namespace hamlet {
class blob_store;
}

namespace hamlet::node {

class store;

/// A thread that tidies the store from time to time: forgets unconfirmed mail whose resend nobody
/// expects any more, and removes texts and files that nothing refers to.
class janitor {
public:
  /// @param of Outlives the janitor.
  janitor(store& of, const config::settings& x);
  janitor(const janitor&) = delete;
  ~janitor(); ///< ends after the step that it is in

private:
  void work();
  void tidy();

  blob_store& blobs_;
  const std::filesystem::path database_; ///< it has a connection of its own: its steps are short
  const config::duration interval_;
  const std::chrono::seconds unconfirmed_, orphan_age_;
  std::mutex mutex_;
  std::condition_variable stop_;
  bool stopping_ = false;
  std::thread thread_; // last: it uses all of the above
};

} // namespace hamlet::node
