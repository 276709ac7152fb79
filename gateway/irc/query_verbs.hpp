// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/irc/machine.hpp"

namespace hamlet::irc {

// Queries about users: RFC 2812 §3.6.

void verb_who(machine& m, const message& x);    // who.cpp
void verb_whois(machine& m, const message& x);  // whois.cpp
void verb_whowas(machine& m, const message& x); // whowas.cpp

} // namespace hamlet::irc
