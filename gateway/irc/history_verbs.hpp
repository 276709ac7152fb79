// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/irc/machine.hpp"
#include "gateway/irc/render.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace hamlet::irc {

/// The events of a reply in a batch of this type, as lines that this client understands.
void show_events(machine& m, std::string_view batch, std::vector<std::string> params,
                 const chat::v1::Reply& found);
/// In a batch "chathistory" (draft/chathistory).
void show_history(machine& m, const std::string& target, const chat::v1::Reply& found);

} // namespace hamlet::irc
