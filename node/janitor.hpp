// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/config/settings.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace hamlet::node {

class store;

/// What is removed from chat, by its age. All times are milliseconds; 0: never.
struct chat_ages {
  std::int64_t history = 0;
  std::int64_t messages_per_channel = 0; ///< a number; 0: no limit
  std::int64_t nicks = 0;
};
chat_ages chat_ages_of(const config::settings& x);

/// How much was removed.
struct chat_tidied {
  std::int64_t events = 0, bans = 0, nicks = 0;
};

/// Removes history that is too old or too much, bans that have ended, nicks that nobody uses.
/// Blocks; the server goes on meanwhile.
result<chat_tidied> tidy_chat(store& of, const chat_ages& ages, std::int64_t now_ms);

/// A thread that tidies the store from time to time: forgets unconfirmed mail whose resend nobody
/// expects any more, removes texts and files that nothing refers to, and what chat need not keep.
class janitor {
public:
  /// @param of Outlives the janitor.
  janitor(store& of, const config::settings& x);
  janitor(const janitor&) = delete;
  ~janitor(); ///< ends after the step that it is in

  /// Other intervals and ages from now on.
  void change(const config::settings& x);

private:
  using clock = std::chrono::steady_clock;

  struct rules {
    config::duration interval, chat_interval;
    std::chrono::seconds unconfirmed, orphan_age;
    chat_ages chat;
  };
  static rules rules_of(const config::settings& x);

  void work();
  void tidy(const rules& now);
  void tidy_talk(const rules& now);

  store& store_;
  std::mutex mutex_;
  std::condition_variable wake_;
  rules rules_;           ///< under mutex_
  bool stopping_ = false; ///< under mutex_
  std::thread thread_;    // last: it uses all of the above
};

} // namespace hamlet::node
