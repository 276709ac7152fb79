// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace hamlet::irc {

/// A mask of RFC 2812 §2.5: '*' for any characters, '?' for one, "\*" and "\?" for themselves; any
/// other backslash is a backslash, since nicks have them. Case does not count (fold()). Needs
/// at most pattern times text steps, whatever they are, and no memory.
class glob {
public:
  /// Matches everything.
  glob() : pattern_{"*"} {}
  explicit glob(std::string_view pattern);

  bool matches(std::string_view text) const;
  /// The text is fold()ed already.
  bool matches_folded(std::string_view text) const;
  bool matches_all() const { return pattern_ == "*"; }
  /// The pattern folded, its runs of '*' written as one.
  const std::string& text() const { return pattern_; }

  bool operator==(const glob&) const = default;

private:
  std::string pattern_;
};

/// Has it a '*' or '?' that is not escaped?
bool has_wildcard(std::string_view pattern);

/// The pattern with its runs of '*' written as one; its case stays.
std::string collapsed(std::string_view pattern);

} // namespace hamlet::irc
