// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/websocket/handshake.hpp"

namespace hamlet::websocket {

/// A WebSocket client as a protocol of lines sees it: what it says are lines, and what it is told
/// are lines. Stands between the stream and the session; each message is one line (IRCv3
/// websocket).
class line_stream {
public:
  line_stream(std::shared_ptr<const rules> rules, const ip_address& peer);

  struct outcome {
    /// The handshake is done: the session begins, with this client. response and rest are empty.
    std::optional<opening> opened;
    /// For the session, each with its CR LF. A message with line ends inside is several lines.
    std::string lines;
    std::string reply;         ///< to the client, before all that the session answers
    std::string_view why = {}; ///< of a refused handshake, for the log
    bool ended = false;        ///< hang up after the reply
  };
  outcome feed(std::string_view bytes);

  bool is_open() const { return is_open_ && !ended_; }
  kind how() const { return how_; }

  /// Whole lines of the session as frames, for this client. Empty unless is_open().
  std::string wrap(std::string_view lines) const;

  /// The last frame, before the stream is closed. Empty unless is_open().
  std::string goodbye(std::uint16_t code = close_code::normal, std::string_view reason = {});

private:
  void take(std::string_view bytes, outcome& out);

  std::optional<handshake> door_; ///< until it is open
  frames frames_;
  kind how_ = kind::text;
  bool is_open_ = false;
  bool ended_ = false;
};

} // namespace hamlet::websocket
