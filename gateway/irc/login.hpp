// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/irc/machine.hpp"

#include <vector>

namespace hamlet::irc {

// Who a client is: SASL (IRCv3 sasl-3.2), and PASS account:password.

void verb_authenticate(machine& m, const message& x);
void verb_cap(machine& m, const message& x); // capability_verb.cpp

/// For CAP LS and 908: what this client could use.
std::vector<std::string> usable_mechanisms(const machine& m);
/// The same under other rules: a reload may change them.
std::vector<std::string> usable_mechanisms(const machine& m, const policy& rules);

/// Nobody on the way reads what it says: TLS, or a client on this host.
bool is_private(const machine& m);

/// PASS account:password; goes on with the registration whether it is right or not.
void log_in_by_pass(machine& m);

} // namespace hamlet::irc
