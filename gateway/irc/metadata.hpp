// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/irc/machine.hpp"

#include <functional>

namespace hamlet::irc {

/// METADATA: draft/metadata-2.
void verb_metadata(machine& m, const message& x);

/// What is kept of the user, for clients that know metadata: in the burst before the message of the
/// day (draft/metadata-2, Notifications).
void show_own_metadata(machine& m, std::function<void(machine&)> next);

/// Users that this client watches by MONITOR, when they are there: the keys that it follows
/// (draft/metadata-2, Notifications).
void show_metadata_of(machine& m, std::vector<std::string> nicks);

} // namespace hamlet::irc
