// SPDX-License-Identifier: Apache-2.0
#include "actors/chat/homes.hpp"

#include "lib/base/ids.hpp"

#include <mutex>

namespace hamlet {

std::uint16_t homes::node_of(std::int64_t session_id) const {
  if (!is_troubled_)
    return node_of_id(session_id);
  std::shared_lock lock{mutex_};
  if (auto found = adopted_.find(session_id); found != adopted_.end())
    return found->second;
  return node_of_id(session_id);
}

bool homes::is_lost(std::int64_t session_id) const {
  if (!is_troubled_)
    return false;
  std::shared_lock lock{mutex_};
  return lost_.contains(session_id);
}

bool homes::is_dead(std::uint16_t node) const {
  if (!is_troubled_)
    return false;
  std::shared_lock lock{mutex_};
  return dead_.contains(node);
}

void homes::set_dead(std::uint16_t node, bool is_dead) {
  std::unique_lock lock{mutex_};
  if (is_dead)
    dead_.insert(node);
  else
    dead_.erase(node);
  count();
}

void homes::lose(std::int64_t session_id) {
  std::unique_lock lock{mutex_};
  lost_.insert(session_id);
  count();
}

void homes::adopt(std::int64_t session_id, std::uint16_t node) {
  std::unique_lock lock{mutex_};
  lost_.erase(session_id);
  if (node == node_of_id(session_id))
    adopted_.erase(session_id);
  else
    adopted_[session_id] = node;
  count();
}

void homes::forget(std::int64_t session_id) {
  std::unique_lock lock{mutex_};
  lost_.erase(session_id);
  adopted_.erase(session_id);
  count();
}

void homes::count() {
  is_troubled_ = !adopted_.empty() || !lost_.empty() || !dead_.empty();
}

} // namespace hamlet
