// SPDX-License-Identifier: Apache-2.0
#include "lib/irc/line_splitter.hpp"

#include <algorithm>
#include <utility>

namespace hamlet::irc {

void line_splitter::feed(std::string_view bytes) {
  if (overflown_)
    return;
  buffer_.erase(0, begin_);
  scanned_ -= begin_;
  begin_ = 0;
  buffer_ += bytes;
}

std::optional<input_line> line_splitter::next() {
  while (!overflown_ && begin_ < buffer_.size()) {
    auto end = buffer_.find('\n', std::max(begin_, scanned_));
    auto is_whole = end != buffer_.npos;
    scanned_ = end = is_whole ? end : buffer_.size();
    auto line = std::string_view{buffer_}.substr(begin_, end - begin_);
    if (!skipping_ && is_over(line)) {
      skipping_ = true;
      return input_line{input_line::kind::too_long, {}};
    }
    if (skipped_ + line.size() > recvq_) {
      overflown_ = true;
      buffer_.clear();
      begin_ = scanned_ = 0;
      return input_line{input_line::kind::overflow, {}};
    }
    if (!is_whole) {
      if (skipping_) {
        skipped_ += line.size();
        begin_ = end;
      }
      return std::nullopt;
    }
    begin_ = scanned_ = end + 1;
    skipped_ = 0;
    if (std::exchange(skipping_, false))
      continue;
    if (line.ends_with('\r'))
      line.remove_suffix(1);
    if (!line.empty())
      return input_line{input_line::kind::line, line};
  }
  return std::nullopt;
}

void line_splitter::shrink() {
  if (begin_ == buffer_.size())
    buffer_.clear();
  else
    buffer_.erase(0, begin_);
  scanned_ -= std::min(begin_, scanned_);
  begin_ = 0;
  buffer_.shrink_to_fit();
}

// Is it for certain, whatever follows? A CR at the end may belong to the end of the line.
bool line_splitter::is_over(std::string_view begin_of_line) const {
  auto line = begin_of_line;
  if (line.starts_with('@')) {
    auto space = line.find(' ');
    if (space == line.npos) {
      auto size = line.size() - (line.ends_with('\r') ? 1 : 0);
      return size + 1 > limits_.tags;
    }
    if (space + 1 > limits_.tags)
      return true;
    line.remove_prefix(space + 1);
  }
  return line.size() - (line.ends_with('\r') ? 1 : 0) > limits_.rest;
}

} // namespace hamlet::irc
