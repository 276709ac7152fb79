// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>

namespace hamlet {

/// A value that an administrator may exchange while others read it. Who has got one keeps it
/// whole: no reader sees half of the old and half of the new. Any thread.
template <class T>
class live {
public:
  explicit live(T first) : value_{std::make_shared<const T>(std::move(first))} {}

  std::shared_ptr<const T> get() const {
    std::lock_guard lock{mutex_};
    return value_;
  }

  void set(T fresh) {
    auto next = std::make_shared<const T>(std::move(fresh));
    std::lock_guard lock{mutex_};
    value_.swap(next);
  }

private:
  mutable std::mutex mutex_;
  std::shared_ptr<const T> value_;
};

} // namespace hamlet
