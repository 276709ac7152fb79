// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace hamlet::pop3 {

/// Cuts what a client sends into lines. Only CRLF ends one (RFC 1939 §3); a line with a CR or
/// LF of its own, or a line that is too long, is reported once and skipped up to the next CRLF.
/// How the input was split into packets changes nothing.
class line_reader {
public:
  struct found {
    enum class kind {
      nothing,  ///< more input is needed
      line,     ///< `text` is valid until the next call
      too_long, ///< longer than the limit
      bare,     ///< a CR or LF alone
      endless,  ///< skipped more than max_skipped bytes: hang up
    };
    kind what = kind::nothing;
    std::string_view text; ///< without its CRLF
  };

  static constexpr std::size_t max_skipped = 64u << 10;

  void add(std::string_view bytes) { buffer_ += bytes; }

  /// @param limit Octets of a line, its CRLF included.
  found next(std::size_t limit);

  /// Forgets what was read already: call it when no more lines can be taken.
  void compact();

  /// Forgets everything.
  void clear() { *this = {}; }

private:
  bool skip(); // false: the CRLF is not there yet

  std::string buffer_;
  std::size_t begin_ = 0; // of the first line not yet taken
  std::size_t skipped_ = 0;
  bool is_skipping_ = false;
};

} // namespace hamlet::pop3
