// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hamlet::mail {

/// One field of a header section, as it stands there.
struct header_field {
  std::string_view name; ///< without the spaces that the old form has before the colon
  std::string_view body; ///< all behind the colon, still folded, without the last line end
  std::string_view raw;  ///< all of it
};

/// Takes the first field off `rest`: RFC 5322 §2.2, lines end with LF or CRLF. nullopt, and
/// nothing is taken: the empty line, the end, or a line that begins no field.
std::optional<header_field> take_field(std::string_view& rest);

/// Takes the empty line off `rest`; false: there is none.
bool take_empty_line(std::string_view& rest);

/// Without the line ends, RFC 5322 §2.2.3, and without white space on both sides.
std::string unfolded(std::string_view body);

/// Lines end with CRLF, have at most 998 octets (RFC 5322 §2.1.1) and hold no NUL and no other CR
/// or LF (RFC 5321 §2.3.8): what may go out as text. The last line may be without its end.
bool is_text(std::string_view bytes);

} // namespace hamlet::mail
