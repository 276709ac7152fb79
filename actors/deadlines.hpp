// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <caf/actor_clock.hpp>
#include <caf/duration.hpp>
#include <caf/message_id.hpp>
#include <caf/scheduled_actor.hpp>

#include <chrono>
#include <cstdint>
#include <unordered_map>

namespace hamlet {

/// The time-outs of what one actor has asked and not yet heard. CAF's own sets a timer for each
/// request, keeps it until it has run off although the answer came long before, and then sends a
/// message that nobody wants. This sets one timer for all of them, for the earliest that is due.
class deadlines {
public:
  /// Without answered(id) in time, `self` gets caf::sec::request_timeout as the answer.
  /// @param id of the response
  void expect(caf::scheduled_actor* self, caf::message_id id, std::chrono::seconds limit);
  void answered(caf::message_id id) { due_.erase(id.integer_value()); }

private:
  using time_point = caf::actor_clock::time_point;

  void set_timer(caf::scheduled_actor* self, time_point now, time_point due);
  void on_timer(caf::scheduled_actor* self);

  std::unordered_map<std::uint64_t, time_point> due_;
  time_point timer_ = time_point::max(); ///< when it fires; max(): not set
};

/// A request whose time-out is kept by `limits`. `then(const Answer&)` or `otherwise(const
/// caf::error&)` runs as part of the actor `self`, which owns `limits`.
template <class Answer, class Self, class To, class Message, class Then, class Otherwise>
void request(Self* self, deadlines& limits, std::chrono::seconds limit, const To& to,
             Message&& message, Then then, Otherwise otherwise) {
  auto asked = self->request(to, caf::infinite, std::forward<Message>(message));
  auto id = asked.id();
  limits.expect(self, id, limit);
  asked.then(
    [id, &limits, then = std::move(then)](Answer& x) mutable {
      limits.answered(id);
      then(x);
    },
    [id, &limits, otherwise = std::move(otherwise)](caf::error& why) mutable {
      limits.answered(id);
      otherwise(why);
    });
}

} // namespace hamlet
