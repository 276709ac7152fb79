// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "hamlet/chat/v1/event.pb.h"
#include "lib/irc/ban.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hamlet {

/// One of the lists b, e, I of a channel: RFC 2811 §4.3.
class mask_list {
public:
  struct entry {
    irc::ban what;
    std::string setter;
    std::int64_t set_ms;
  };
  enum class outcome : std::uint8_t { done, no_change, full, bad_mask };

  /// @param mask Is the form in which it is listed, afterwards.
  outcome add(std::string& mask, std::string setter, std::int64_t now_ms, std::size_t at_most);
  outcome remove(std::string& mask);
  /// nullptr: nothing matches.
  const entry* find(const irc::ban_target& who, irc::ban_scope scope) const;
  bool empty() const { return entries_.empty(); }
  const std::vector<entry>& entries() const { return entries_; }
  void clear() { entries_.clear(); }
  /// An entry looks at what other channels somebody is in: no verdict holds for long.
  bool looks_elsewhere() const;

private:
  std::vector<entry> entries_;
};

/// A user as masks see one. Views of `who`.
irc::identity identity_of(const chat::v1::Who& who);

} // namespace hamlet
