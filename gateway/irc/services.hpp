// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/irc/machine.hpp"

#include <optional>
#include <string_view>

namespace hamlet::irc {

// NickServ and ChanServ are no users: what is said to them is a command to the server, and their
// answers are notices. So habits and scripts work, and nobody can take their place.

enum class service : std::uint8_t { nick, channel };

/// By "NickServ", "ChanServ", "NickServ@services.example.org" in any case.
std::optional<service> service_named(std::string_view target);
std::string_view name_of(service x);

/// A line to a service. The verb that asks for it must not have other answers open.
void serve(machine& m, service which, std::string_view text);

} // namespace hamlet::irc
