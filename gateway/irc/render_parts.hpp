// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/irc/render.hpp"

#include <optional>

// What the files of render share.

namespace hamlet::irc {

/// The lines of one event for one viewer, while they are made.
class event_lines {
public:
  event_lines(const chat::v1::Event& event, const viewer& who, const policy& rules)
      : event_{event}, who_{who}, rules_{rules} {}

  bool has(cap x) const { return who_.caps.has(x); }

  /// By the source of the event, with all its tags; the msgid stands on the first line only.
  message& by_source(std::string_view command, std::vector<std::string> params = {});
  /// By the server: a numeric that the source caused, with its tags.
  message& by_server(std::string_view command, std::vector<std::string> params = {});
  /// By the server itself: what follows from the event, with the time alone.
  message& follows(std::string source, std::string_view command, std::vector<std::string> params);
  /// By the source, without any tag: within a batch, which has them.
  message& bare(std::string_view command, std::vector<std::string> params);

  /// Of a message: client-only tags behind all others (IRCv3 message-tags).
  void add_client_tags(message& to) const;

  std::vector<message> take(); ///< each line cut to its room

private:
  message& add(std::string source, std::string_view command, std::vector<std::string> params,
               bool has_tags_of_source);

  const chat::v1::Event& event_;
  const viewer& who_;
  const policy& rules_;
  std::vector<message> lines_;
};

/// How many octets the line has behind its tags.
std::size_t size_without_tags(const message& x);

/// Lines of PRIVMSG, NOTICE, TAGMSG and their multiline batches.
void add_message(event_lines& to, const chat::v1::Event& event, const viewer& who);

/// "#c", "@#c", or the nick of the receiver.
std::string message_target(const chat::v1::Event& event);

/// A PRIVMSG, NOTICE or TAGMSG of one line without an odd character, made with one allocation;
/// nullopt: it is to be made of parts.
std::optional<std::string> plain_bytes(const chat::v1::Event& event, const viewer& who,
                                       std::string_view tag);

/// The text for a message, so that `before` octets, CR LF and it fit (RFC 2812 §2.3). A CTCP keeps
/// the 01 at its end.
std::string fitting_text(std::string_view text, std::size_t before);

constexpr std::size_t line_room = client_limits.rest;

} // namespace hamlet::irc
