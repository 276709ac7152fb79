// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/irc/machine.hpp"

#include <string>
#include <string_view>

namespace hamlet::irc {

/// False, and says why: 481 to who is no operator (RFC 2812 §5.2), 723 to one without the privilege
/// (modern).
bool needs(machine& m, config::privilege what);
/// As the settings call it.
std::string_view name_of(config::privilege x);

/// What an operator did, for the record that the NETWORK keeps. Never with a password.
void audit(machine& m, std::string_view action, std::string_view arguments,
           std::string_view outcome = "done");
/// The same, and all operators with user mode s are told: "boss: KILL spammer: reason".
void audit_aloud(machine& m, std::string_view action, std::string_view arguments);

/// The outcome of what an owner was asked: done, or a refusal that the client hears, too.
/// @returns True: done.
bool audit_reply(machine& m, const chat::v1::Reply& r, std::string_view action,
                 std::string_view arguments, std::string_view target);

} // namespace hamlet::irc
