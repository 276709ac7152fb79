// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/irc/policy.hpp"
#include "hamlet/chat/v1/event.pb.h"
#include "lib/irc/capabilities.hpp"
#include "lib/irc/message.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hamlet::irc {

/// For whom an event is made into lines: all that may change their form. Receivers with equal
/// viewers get the very same bytes.
struct viewer {
  cap_set caps = {}; ///< only those that change the form of lines count
  framing wire = framing::lines;
  bool is_source = false;  ///< the event is this session's own
  bool is_target = false;  ///< an INVITE is for this session, not for the channel's members
  bool is_history = false; ///< in a chathistory batch
  std::string nick = {};   ///< of the receiver, for events of which needs_nick() is true; or empty
  bool operator==(const viewer&) const = default;
};

/// The lines of an event for one kind of viewer, in order, without frames; empty: such a viewer
/// is not told (away-notify without the capability, a server's books).
///  - Each is at most 510 octets behind its tags (RFC 2812 §2.3): the last parameter is cut, never
///    within a character of UTF-8.
///  - A draft/multiline message is a batch of its own for those who have it, else as many lines as
///    it has. What is in a batch of its own has a `batch` tag; who wraps all of it in another one
///    tags the lines that have none.
///  - Whether an echo was asked for, who is deaf, who watches whom: that is FANOUT's to know.
///  - A new host without chghost is QUIT here, and rejoin_lines() for each channel.
///  - The end of a session is KILL at most: its connections say ERROR themselves.
std::vector<message> lines_of(const chat::v1::Event& event, const viewer& who, const policy& rules);

/// JOIN and MODE on one channel for those who do not know of chghost (IRCv3 chghost, Fallback).
/// @param prefixes Of who has the new host: "@+".
std::vector<message> rejoin_lines(const chat::v1::Event& host_changed, std::string_view channel,
                                  std::string_view prefixes, const viewer& who,
                                  const policy& rules);

/// Around the QUITs of those who were lost at once, for who has `batch` (IRCv3 netsplit).
std::vector<message> split_lines(std::int64_t split_id, bool is_begin, const policy& rules);

/// The same as bytes. @param tag Origin.tag, put before the first line, or on the batch; with
/// "batch=" on all that are in no batch of their own. Several lines for one "label=" are wrapped in
/// a batch (IRCv3 labeled-response).
std::string bytes_of(const chat::v1::Event& event, const viewer& who, const policy& rules,
                     std::string_view tag = {});
std::string bytes_of(std::vector<message> lines, framing wire, const policy& rules,
                     std::string_view tag = {});

/// One line as it goes out on this wire: CR LF behind it, or a frame of WebSocket around it
/// (RFC 6455 §5.2). In text frames what is not UTF-8 becomes U+FFFD (IRCv3 websocket).
std::string framed(std::string_view line, framing wire);

/// "nick!user@host"; of the server just its name.
std::string source_of(const chat::v1::Who& who);

/// The capabilities that may change the form of lines: those of a viewer but for these need not
/// be kept. What cannot be used without another one, which is missing, is taken out, too.
cap_set render_caps(cap_set all = cap_set::all());
/// The same, for messages alone, which are most of all events.
cap_set message_caps(cap_set all = cap_set::all());

/// The lines name their receiver: viewer::nick changes them.
bool needs_nick(const chat::v1::Event& event);

} // namespace hamlet::irc
