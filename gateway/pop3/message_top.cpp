// SPDX-License-Identifier: Apache-2.0
#include "gateway/pop3/message_top.hpp"

namespace hamlet::pop3 {

std::string_view message_top::take(std::string_view part) {
  if (is_done_)
    return {};
  std::size_t begin = 0;
  while (begin < part.size()) {
    auto end = part.find('\n', begin);
    auto line = part.substr(begin, end == part.npos ? part.npos : end - begin);
    line_is_blank_ = line_is_blank_ && (line.empty() || line == "\r");
    if (end == part.npos)
      break;
    begin = end + 1;
    if (in_header_)
      in_header_ = !line_is_blank_;
    else
      --lines_left_;
    line_is_blank_ = true;
    if (!in_header_ && lines_left_ == 0) {
      is_done_ = true;
      return part.substr(0, begin);
    }
  }
  return part;
}

} // namespace hamlet::pop3
