// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hamlet {

/// Nicks that sessions of this node have asked for, or were granted, and that presence does not
/// show yet: a SESSION puts one in before it claims, and takes it out when presence has it, or when
/// it was refused. Who makes a new NICK directory must know of them. Any thread.
class claim_book {
public:
  struct claimed {
    std::int64_t session_id;
    std::string nick; ///< as written
    auto operator<=>(const claimed&) const = default;
  };

  void add(std::int64_t session_id, std::string_view nick) {
    std::lock_guard lock{mutex_};
    all_.insert({session_id, std::string{nick}});
  }
  /// Once for each add().
  void remove(std::int64_t session_id, std::string_view nick) {
    std::lock_guard lock{mutex_};
    if (auto found = all_.find({session_id, std::string{nick}}); found != all_.end())
      all_.erase(found);
  }
  std::vector<claimed> all() const {
    std::lock_guard lock{mutex_};
    return {all_.begin(), all_.end()};
  }

private:
  mutable std::mutex mutex_;
  std::multiset<claimed> all_;
};

} // namespace hamlet
