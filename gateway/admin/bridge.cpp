// SPDX-License-Identifier: Apache-2.0
#include "gateway/admin/bridge.hpp"

#include "actors/deadlines.hpp"
#include "actors/failure.hpp"
#include "lib/admin/status.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>

#include <atomic>
#include <memory>
#include <utility>

namespace hamlet::admin {

namespace {

constexpr std::chrono::seconds patience{40}; // longer than any of the ADMIN's own

v1::Answer no(status why, std::string text) {
  v1::Answer x;
  x.set_code(static_cast<std::int32_t>(why));
  x.set_message(std::move(text));
  return x;
}

/// A call on its way. Whoever lets the last handle go has answered it.
class pending {
public:
  pending(v1::Call x, std::function<void(v1::Answer)> done)
      : msg{std::move(x)}, done_{std::move(done)} {}
  pending(const pending&) = delete;
  ~pending() { answer(no(status::unavailable, "this node ends")); }

  void answer(v1::Answer x) {
    if (!is_answered_.exchange(true))
      done_(std::move(x));
  }

  v1::Call msg;

private:
  std::function<void(v1::Answer)> done_;
  std::atomic<bool> is_answered_ = false;
};

struct bridge_state {
  static inline const char* name = "admin_bridge";
  deadlines limits;
};

caf::behavior bridge(caf::stateful_actor<bridge_state>* self, const admin_actor& to) {
  return {[self, to](resumption& x) {
    auto one = std::static_pointer_cast<pending>(x.answer);
    auto msg = std::move(one->msg);
    request<v1::Answer>(
      self, self->state.limits, patience, to, std::move(msg),
      [one](v1::Answer& answer) { one->answer(std::move(answer)); },
      [one](const caf::error& why) {
        auto code = code_of(why);
        one->answer(no(status_of(code), std::string{hamlet::to_string(code)}));
      });
  }};
}

} // namespace

caf::actor spawn_bridge(caf::actor_system& sys, admin_actor to) {
  return sys.spawn(bridge, std::move(to));
}

void ask_over(const caf::actor& bridge, v1::Call msg, std::function<void(v1::Answer)> done) {
  caf::anon_send(bridge, resumption{std::make_shared<pending>(std::move(msg), std::move(done))});
}

} // namespace hamlet::admin
