// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/irc/machine.hpp"

namespace hamlet::irc {

// What a user says of itself, whom it looks for, and whom it does not want to hear: RFC 2812 §4,
// IRCv3 monitor, and the lists of other servers.

void verb_away(machine& m, const message& x);     // own_state.cpp
void verb_setname(machine& m, const message& x);  // own_state.cpp
void verb_userhost(machine& m, const message& x); // user_verbs.cpp
void verb_userip(machine& m, const message& x);   // user_verbs.cpp
void verb_ison(machine& m, const message& x);     // user_verbs.cpp
void verb_monitor(machine& m, const message& x);  // monitor.cpp
void verb_silence(machine& m, const message& x);  // own_lists.cpp
void verb_accept(machine& m, const message& x);   // own_lists.cpp

} // namespace hamlet::irc
