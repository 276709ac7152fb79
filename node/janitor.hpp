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

  /// Other intervals and ages from now on.
  void change(const config::settings& x);

private:
  struct rules {
    config::duration interval;
    std::chrono::seconds unconfirmed, orphan_age;
  };
  static rules rules_of(const config::settings& x);

  void work();
  void tidy(const rules& now);

  blob_store& blobs_;
  const std::filesystem::path database_; ///< it has a connection of its own: its steps are short
  std::mutex mutex_;
  std::condition_variable wake_;
  rules rules_;           ///< under mutex_
  bool stopping_ = false; ///< under mutex_
  std::thread thread_;    // last: it uses all of the above
};

} // namespace hamlet::node
