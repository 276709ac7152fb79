// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace hamlet::pop3 {

/// Frames a text as a multi-line response (RFC 1939 §3), in parts of any size.
class dot_stuffer {
public:
  /// Appends the part, with a second dot where a line begins with one.
  void add(std::string_view part, std::string& out);

  /// Appends ".\r\n", and a CRLF before it when the text does not end with one.
  void finish(std::string& out);

private:
  bool at_line_start_ = true;
  bool ends_with_crlf_ = true; // of no text at all, too
  char last_ = '\0';
};

} // namespace hamlet::pop3
