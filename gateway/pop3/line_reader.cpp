// SPDX-License-Identifier: Apache-2.0
#include "gateway/pop3/line_reader.hpp"

#include <algorithm>

namespace hamlet::pop3 {

bool line_reader::skip() {
  auto end = buffer_.find("\r\n", begin_);
  auto stop = end;
  if (end == buffer_.npos) // the CR may be here already, and its LF not
    stop = buffer_.size() - (buffer_.ends_with('\r') && buffer_.size() > begin_ ? 1 : 0);
  skipped_ += stop - begin_;
  begin_ = stop;
  if (end == buffer_.npos)
    return false;
  begin_ += 2;
  is_skipping_ = false;
  return true;
}

line_reader::found line_reader::next(std::size_t limit) {
  using enum found::kind;
  if (is_skipping_) {
    bool skipped = skip();
    if (skipped_ > max_skipped)
      return {endless, {}};
    if (!skipped)
      return {};
    skipped_ = 0;
  }
  auto input = std::string_view{buffer_}.substr(begin_);
  auto end = input.substr(0, limit).find_first_of("\r\n");
  if (end == input.npos && input.size() < limit)
    return {};
  if (end == input.npos || (input[end] == '\r' && end + 2 > limit)) {
    is_skipping_ = true;
    return {too_long, {}};
  }
  if (input[end] == '\r' && end + 1 == input.size())
    return {};
  if (input[end] == '\n' || input[end + 1] != '\n') {
    is_skipping_ = true;
    begin_ += end + 1;
    return {bare, {}};
  }
  begin_ += end + 2;
  return {line, input.substr(0, end)};
}

void line_reader::compact() {
  buffer_.erase(0, begin_);
  begin_ = 0;
  if (buffer_.empty())
    buffer_ = {}; // a silent client costs no buffer
}

} // namespace hamlet::pop3
