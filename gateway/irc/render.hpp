// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/irc/policy.hpp"
#include "hamlet/chat/v1/event.pb.h"
#include "lib/irc/capabilities.hpp"
#include "lib/irc/message.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace hamlet::irc {

/// For whom an event is made into lines: all that may change their form. Receivers with equal
/// viewers get the very same bytes.
struct viewer {
  cap_set caps; ///< only those that change the form of lines count
  framing wire = framing::lines;
  bool is_source = false;  ///< the event is this session's own
  bool is_target = false;  ///< of a KICK, an INVITE, a direct message
  bool is_history = false; ///< in a chathistory batch
  std::string nick;        ///< of the receiver, for numerics; empty where it does not matter
  bool operator==(const viewer&) const = default;
};

/// The lines of an event for one kind of viewer, in order, without frames; empty: such a viewer
/// is not told (away-notify without the capability, an echo that was not asked for).
/// A draft/multiline message is a batch of its own for those who have it, else as many lines as
/// it has.
std::vector<message> lines_of(const chat::v1::Event& event, const viewer& who, const policy& rules);

/// The same as bytes. @param tag Origin.tag, put before the first line (or on the batch).
std::string bytes_of(const chat::v1::Event& event, const viewer& who, const policy& rules,
                     std::string_view tag = {});

/// One line as it goes out on this wire.
std::string framed(std::string_view line, framing wire);

/// "nick!user@host"; of the server just its name.
std::string source_of(const chat::v1::Who& who);

} // namespace hamlet::irc
