// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hamlet::mail {

enum class mime_kind : std::uint8_t {
  header, ///< of the message or of a part, with its empty line
  body,   ///< of a leaf; always follows its header, may be empty
  glue    ///< preamble, delimiter lines, epilogue
};

/// Content-Transfer-Encoding, RFC 2045 §6.
enum class transfer : std::uint8_t { plain, binary, base64, quoted_printable, unknown };

/// A piece of a message.
struct mime_segment {
  mime_kind kind;
  std::size_t begin, end;
  transfer encoding = transfer::plain; ///< what the header says; for a body, what its header said
  bool is_composite =
    false; ///< of a multipart or message type, which may not be encoded (RFC 2045 §6.4)
  bool is_plain_text = false; ///< a body of text/plain, or whose header says no type
  std::string charset = {};   ///< of that; empty: it says none
};

constexpr int max_mime_depth = 100;
constexpr std::size_t max_mime_parts = 10'000;

/// Cuts a message into its segments, which stand side by side and are all of it: multipart
/// (RFC 2046 §5.1), message/rfc822 and message/global are looked into. One pass; no recursion.
/// nullopt: deeper than max_mime_depth or more than max_mime_parts.
std::optional<std::vector<mime_segment>> walk_mime(std::string_view message);

} // namespace hamlet::mail
