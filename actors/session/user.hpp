// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/chat/presence.hpp"
#include "actors/interfaces.hpp"
#include "lib/irc/mask.hpp"

#include <caf/typed_response_promise.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace hamlet {

/// One session of chat: what it is to others (the card), and who its clients are. Thousands of
/// them are idle: what most have not is in `rare`.
struct user {
  using clock = std::chrono::steady_clock;

  struct client {
    std::int64_t connection_id = 0;
    bool is_secure = false;
    bool is_away = false;
  };

  /// What a member may choose: nothing, or this.
  enum class choice : std::uint8_t { none, on, off };

  struct extras {
    std::string away_text; ///< what it last said; others see it when all of its clients are away
    std::string cloak;     ///< the host to show again, while mode x is off
    std::string notices;   ///< parameter of mode s
    std::string operator_name;
    choice persistence = choice::none;
    choice history = choice::none;
    bool is_saved = false; ///< the store has it

    bool is_renaming = false;                   ///< the NICK directory is asked
    std::vector<std::function<void()>> delayed; ///< until that is over

    /// Without a client; it may come back until then.
    clock::time_point grace_end = clock::time_point::max();
    std::string grace_reason; ///< of the QUIT, if it does not

    std::vector<irc::hostmask> silence;
    std::vector<std::string> accept; ///< nicks, as written
    /// Whom it was told about by CallerIgnored, and when: ms.
    std::unordered_map<std::int64_t, std::int64_t> told_of;
    std::map<std::string, std::string> metadata; ///< of who has no account
  };

  packed_ref card;
  std::vector<client> clients;
  std::vector<std::string> channels; ///< as written
  std::unique_ptr<extras> rare;

  extras& more() {
    if (!rare)
      rare = std::make_unique<extras>();
    return *rare;
  }
  bool is_renaming() const { return rare && rare->is_renaming; }
  bool waits_for_client() const { return rare && rare->grace_end != clock::time_point::max(); }
};

} // namespace hamlet
