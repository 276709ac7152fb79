// SPDX-License-Identifier: Apache-2.0
#include "actors/deadlines.hpp"

#include <caf/behavior.hpp>
#include <caf/make_message.hpp>
#include <caf/sec.hpp>

#include <algorithm>
#include <vector>

namespace hamlet {

void deadlines::expect(caf::scheduled_actor* self, caf::message_id id, std::chrono::seconds limit) {
  auto now = self->clock().now();
  auto due = now + limit;
  due_.emplace(id.integer_value(), due);
  if (due < timer_)
    set_timer(self, now, due);
}

/// One that is no longer the earliest fires all the same, and finds nothing due.
void deadlines::set_timer(caf::scheduled_actor* self, time_point now, time_point due) {
  timer_ = due;
  auto id = self->new_request_id(caf::message_priority::normal);
  auto left = std::chrono::duration_cast<std::chrono::milliseconds>(due - now);
  self->request_response_timeout(caf::duration{left + std::chrono::milliseconds{1}}, id);
  self->add_multiplexed_response_handler(
    id.response_id(), caf::behavior{[this, self](caf::error&) { on_timer(self); }});
}

void deadlines::on_timer(caf::scheduled_actor* self) {
  auto now = self->clock().now();
  std::vector<std::uint64_t> late;
  timer_ = time_point::max();
  auto next = time_point::max();
  for (auto& [id, due] : due_)
    if (due <= now)
      late.push_back(id);
    else
      next = std::min(next, due);
  if (next != time_point::max())
    set_timer(self, now, next);
  std::ranges::sort(late); // as they were asked
  for (auto id : late) {
    due_.erase(id);
    self->enqueue(nullptr, caf::make_message_id(id),
                  caf::make_message(caf::make_error(caf::sec::request_timeout)), self->context());
  }
}

} // namespace hamlet
