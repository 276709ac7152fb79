// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/irc/machine.hpp"

namespace hamlet::irc {

// What operators of the server do: RFC 2812 §3.1.4, §3.7.1, §4.2 to §4.7, and what other servers
// have. Each is refused to those without its privilege, and each is recorded.

void verb_oper(machine& m, const message& x); // oper.cpp

// operator_verbs.cpp
void verb_kill(machine& m, const message& x);
void verb_wallops(machine& m, const message& x);
void verb_rehash(machine& m, const message& x);
void verb_restart(machine& m, const message& x);
void verb_die(machine& m, const message& x);
void verb_connect(machine& m, const message& x);
void verb_squit(machine& m, const message& x);

// bans.cpp
void verb_kline(machine& m, const message& x);
void verb_dline(machine& m, const message& x);
void verb_resv(machine& m, const message& x);
void verb_unkline(machine& m, const message& x);
void verb_undline(machine& m, const message& x);
void verb_unresv(machine& m, const message& x);

// filters.cpp
void verb_filter(machine& m, const message& x);
void verb_audit(machine& m, const message& x);

// forcing.cpp
void verb_sajoin(machine& m, const message& x);
void verb_sapart(machine& m, const message& x);
void verb_samode(machine& m, const message& x);
void verb_sanick(machine& m, const message& x);
void verb_chghost(machine& m, const message& x);

} // namespace hamlet::irc
