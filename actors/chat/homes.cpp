// SPDX-License-Identifier: Apache-2.0
#include "actors/chat/homes.hpp"

#include "lib/base/ids.hpp"

#include <mutex>

namespace hamlet {

std::uint16_t homes::node_of(std::int64_t session_id) const {
  std::shared_lock lock{mutex_};
  if (!adopted_.empty())
    if (auto found = adopted_.find(session_id); found != adopted_.end())
      return found->second;
  return node_of_id(session_id);
}

bool homes::is_lost(std::int64_t session_id) const {
  std::shared_lock lock{mutex_};
  return lost_.contains(session_id);
}

void homes::lose(std::int64_t session_id) {
  std::unique_lock lock{mutex_};
  lost_.insert(session_id);
}

void homes::adopt(std::int64_t session_id, std::uint16_t node) {
  std::unique_lock lock{mutex_};
  lost_.erase(session_id);
  if (node == node_of_id(session_id))
    adopted_.erase(session_id);
  else
    adopted_[session_id] = node;
}

void homes::forget(std::int64_t session_id) {
  std::unique_lock lock{mutex_};
  lost_.erase(session_id);
  adopted_.erase(session_id);
}

} // namespace hamlet
