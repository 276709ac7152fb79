// SPDX-License-Identifier: Apache-2.0
#include "gateway/pop3/dot_stuffer.hpp"

namespace hamlet::pop3 {

// A bare LF counts as the end of a line here: many clients read lines by LF, and a message
// could end its own answer for them with "\n.\r\n" and forge the next one.
void dot_stuffer::add(std::string_view part, std::string& out) {
  if (part.empty())
    return;
  ends_with_crlf_ = part.ends_with("\r\n") || (part == "\n" && last_ == '\r');
  last_ = part.back();
  while (!part.empty()) {
    if (at_line_start_ && part.front() == '.')
      out += '.';
    auto end = part.find('\n');
    at_line_start_ = end != part.npos;
    auto line = part.substr(0, at_line_start_ ? end + 1 : part.npos);
    out += line;
    part.remove_prefix(line.size());
  }
}

void dot_stuffer::finish(std::string& out) {
  out += ends_with_crlf_ ? ".\r\n" : "\r\n.\r\n";
}

} // namespace hamlet::pop3
