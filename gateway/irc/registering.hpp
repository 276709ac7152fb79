// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/irc/machine.hpp"
#include "lib/irc/sasl_chunks.hpp"
#include "lib/sasl/exchange.hpp"

#include <optional>
#include <string>

namespace hamlet::irc {

/// What a client has said before it is registered (RFC 2812 §3.1, IRCv3 capability-negotiation).
struct registering {
  std::string password; ///< of PASS
  std::string nick;
  std::string user;
  std::string real_name;
  std::string away; ///< draft/pre-away
  bool wants_away = false;
  bool is_negotiating = false; ///< CAP LS or REQ came, CAP END not yet: 001 waits
  std::chrono::steady_clock::time_point give_up_at{};
  bool has_tried_password = false; ///< as one of an account
  bool is_starting = false;        ///< the SESSION was asked
};

/// A login that is under way, before or after registration (IRCv3 sasl-3.2).
struct sasl_state {
  explicit sasl_state(sasl::exchange x) : exchange{std::move(x)} {}

  sasl::exchange exchange;
  sasl_chunks input;
  bool is_started = false;
  auth::identity who; ///< once the ACCOUNT has said yes
};

} // namespace hamlet::irc
