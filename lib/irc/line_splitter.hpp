// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/irc/message.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hamlet::irc {

/// What came out of the stream of octets.
struct input_line {
  enum class kind : std::uint8_t {
    line,
    too_long, ///< 417; the line is dropped up to its end
    overflow, ///< close the connection; nothing else will come
  };
  kind what;
  std::string_view text; ///< of a line, without its end; until the next call of feed()
};

/// Cuts a stream of octets into lines, RFC 1459 §2.3, RFC 2812 §2.3.
///  - A line ends with LF; one CR before it belongs to its end (modern, Compatibility with
///  incorrect
///    software). A CR elsewhere ends nothing, since a client that repeats what others say would
///    then say it in commands: it stays in the line and parse() refuses it, as it does NUL.
///  - Lines without a character are dropped in silence (modern, Message Format).
///  - The limits are those of parse(): a line over them is told once, as soon as it is known.
///  - A line of more than `recvq` octets: overflow.
/// Where the input is split changes nothing. Holds what it was fed and was not yet asked for.
class line_splitter {
public:
  static constexpr std::size_t default_recvq = 16 * 1024;

  explicit line_splitter(line_limits limits = client_limits, std::size_t recvq = default_recvq)
      : limits_{limits}, recvq_{recvq} {}

  void feed(std::string_view bytes);
  /// nullopt: feed me.
  std::optional<input_line> next();
  /// Octets that are kept, the lines that next() would give among them.
  std::size_t buffered() const { return buffer_.size() - begin_; }
  /// Gives back the memory of what has been read; views of lines are then void. For idle clients.
  void shrink();

private:
  bool is_over(std::string_view begin_of_line) const;

  line_limits limits_;
  std::size_t recvq_;
  std::string buffer_;
  std::size_t begin_ = 0;   ///< of the line
  std::size_t scanned_ = 0; ///< there is no LF between begin_ and here
  std::size_t skipped_ = 0; ///< octets of a line that is too long, already dropped
  bool skipping_ = false;
  bool overflown_ = false;
};

} // namespace hamlet::irc
