// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/irc/machine.hpp"

namespace hamlet::irc {

// Queries about the server: RFC 2812 §3.4, §3.5, §4.5 and §4.6. All nodes are one server to
// clients.

// server_verbs.cpp
void verb_motd(machine& m, const message& x);
void verb_lusers(machine& m, const message& x);
void verb_version(machine& m, const message& x);
void verb_time(machine& m, const message& x);
void verb_admin(machine& m, const message& x);
void verb_info(machine& m, const message& x);
void verb_isupport(machine& m, const message& x);
// network_view.cpp
void verb_links(machine& m, const message& x);
void verb_map(machine& m, const message& x);
void verb_servlist(machine& m, const message& x);
void verb_trace(machine& m, const message& x);

void verb_stats(machine& m, const message& x); // stats.cpp
void verb_help(machine& m, const message& x);  // help.cpp

} // namespace hamlet::irc
