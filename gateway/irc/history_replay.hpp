// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/irc/machine.hpp"

#include <functional>
#include <string>

namespace hamlet::irc {

/// A client that cannot ask for history (no draft/chathistory) is shown the last messages when it
/// comes to a channel, if the settings say so.
bool replays_history(const machine& m);
void replay_history(machine& m, const std::string& channel, std::function<void(machine&)> next);

/// draft/read-marker: MARKREAD behind a JOIN, for those who have it.
void show_marker(machine& m, const std::string& target, std::function<void(machine&)> next);

/// draft/persistence: STATUS, for a member who has asked for the capability.
void show_persistence(machine& m, std::function<void(machine&)> next);

} // namespace hamlet::irc
