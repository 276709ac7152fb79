// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// How fields of ours are written.

namespace hamlet::mail {

/// One field with its CRLF: "name: a b c", parted at spaces into lines of at most 78 characters
/// where the words allow it (RFC 5322 §2.1.1). A word longer than 900 octets is cut, a control in
/// it becomes a space.
std::string folded_field(std::string_view name, const std::vector<std::string>& words);

/// Printable ASCII of `text`, at most `at_most` characters; a control becomes a space, an octet
/// above 127 a '?': whatever it is, it stays within its field.
std::string printable(std::string_view text, std::size_t at_most);

/// The same, where UTF-8 may stand (RFC 6532): valid UTF-8 passes.
std::string printable_utf8(std::string_view text, std::size_t at_most);

/// Words between spaces.
std::vector<std::string> words_of(std::string_view text);

} // namespace hamlet::mail
