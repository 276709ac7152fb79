// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace hamlet::pop3 {

/// Finds where the answer to TOP ends (RFC 1939 §7): header, blank line and so many lines of
/// the body. The message comes in parts of any size.
class message_top {
public:
  explicit message_top(std::uint64_t body_lines) : lines_left_{body_lines} {}

  /// @returns As much of the part's begin as belongs to the answer.
  std::string_view take(std::string_view part);

  /// True when no more of the message is needed.
  bool is_done() const { return is_done_; }

private:
  std::uint64_t lines_left_;
  bool in_header_ = true;
  bool line_is_blank_ = true; // the line so far: nothing, or a CR
  bool is_done_ = false;
};

} // namespace hamlet::pop3
