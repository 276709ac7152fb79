// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/irc/machine.hpp"
#include "gateway/irc/multiline.hpp"

#include <string>

namespace hamlet::irc {

/// A message to one or more targets: RFC 2812 §3.3. NOTICE and TAGMSG are never answered with an
/// error that could start a loop; that is the receiver's rule (RFC 2812 §3.3.2), the server tells
/// the sender of both what did not arrive, as modern servers do.
void speak(machine& m, const std::string& targets, chat::v1::Message what);

chat::v1::MessageKind kind_of(std::string_view command);
/// Client-only tags of a line, when the client may send tags at all (IRCv3 message-tags).
void copy_client_tags(const machine& m, const message& from, chat::v1::Message& to);

// draft/multiline: multiline.cpp
void verb_batch(machine& m, const message& x);
/// A line with the tag of the batch that is open; false: it belongs to none.
bool add_to_batch(machine& m, const message& x);

} // namespace hamlet::irc
