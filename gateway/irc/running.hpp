// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/irc/machine.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace hamlet::irc {

/// What a client is about: the command that is answered, and what waits behind it. Most clients are
/// idle most of the time and have none.
struct running {
  enum class question : std::uint8_t { none, reply, auth, account, room };

  // The answer.
  std::optional<std::string> label;
  std::string batch_ref;            ///< of the labelled batch, once it is open
  bool is_answered = false;         ///< by an event: what else is said has no label
  std::vector<std::string> batches; ///< open within the reply, innermost last
  std::vector<message> lines;       ///< said, not yet written

  // The question that is open.
  question waits_for = question::none;
  bool is_of_own_session = false;
  machine::then_reply then_reply;
  machine::then_auth then_auth;
  machine::then_account then_account;
  std::function<void(machine&)> then_room;

  // What waits.
  std::vector<std::string> entered;   ///< channels and users that are still to be shown
  std::optional<std::string> delayed; ///< a line that came too fast
  std::chrono::steady_clock::time_point resume_at{};

  bool is_waiting() const { return waits_for != question::none || delayed; }
  bool is_idle() const {
    return !is_waiting() && entered.empty() && lines.empty() && batch_ref.empty();
  }
};

} // namespace hamlet::irc
