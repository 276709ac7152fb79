// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/irc/machine.hpp"
#include "gateway/irc/multiline.hpp"

#include <string>

namespace hamlet::irc {

/// A message to one or more targets: RFC 2812 §3.3. Of a NOTICE that does not arrive nothing is
/// said (RFC 2812 §3.3.2).
void speak(machine& m, const std::string& targets, chat::v1::Message what);

/// True: what this client says may go on. Else it was answered, reported, or ended the connection.
/// @param place One of filter_places. @param target Where it is said.
bool passes_filters(machine& m, char place, const std::string& target, const std::string& text);

chat::v1::MessageKind kind_of(std::string_view command);
/// Client-only tags of a line, when the client may send tags at all (IRCv3 message-tags).
void copy_client_tags(const machine& m, const message& from, chat::v1::Message& to);

// draft/multiline: multiline.cpp
void verb_batch(machine& m, const message& x);
/// A line with the tag of the batch that is open; false: it belongs to none.
bool add_to_batch(machine& m, const message& x);

} // namespace hamlet::irc
