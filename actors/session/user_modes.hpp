// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "hamlet/chat/v1/chat.pb.h"
#include "lib/irc/mode_table.hpp"

#include <string>
#include <vector>

// Modes of a user (RFC 2812 §3.1.5): what a change does to who it is. The table is in
// lib/irc/mode_table.hpp.

namespace hamlet {

irc::mode_letters modes_of(const chat::v1::Who& who);

/// "+iw", with `a` for who is away.
std::string shown_modes(const chat::v1::Who& who);

struct mode_outcome {
  std::vector<chat::v1::ModeChange> applied;
  std::vector<chat::v1::RefusedMode> refused;
};

/// A mode is what `who` says it is: B, o, r and Z follow is_bot, is_operator, account and
/// is_secure. What only the server may change is passed over in silence, and so is +o
/// (RFC 2812 §3.1.5).
/// @param can_cloak Has it another host to show? Else x cannot be changed.
mode_outcome change_modes(chat::v1::Who& who, const std::vector<chat::v1::ModeChange>& wanted,
                          bool by_server, bool can_cloak);

/// The modes that follow the other fields are set anew: what has changed by that.
std::vector<chat::v1::ModeChange> renew_modes(chat::v1::Who& who);

} // namespace hamlet
