// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// A message as lines of plain text, for where there is no mail program: notices in chat.

namespace hamlet::mail {

/// The encoded words of an unfolded field as UTF-8, RFC 2047 §6; those in a charset that nobody
/// knows stay as they are. Controls become spaces.
std::string decoded_words(std::string_view text);

struct readable {
  std::string subject;            ///< one line of UTF-8, perhaps empty
  std::string from;               ///< the display name or else the address of the author
  std::vector<std::string> lines; ///< of its first part in plain text, without controls
  bool is_cut = false;            ///< there is more
};

struct readable_bounds {
  std::size_t lines = 8;    ///< empty ones do not count and are left out
  std::size_t octets = 350; ///< of a line, the subject and the author; a longer one goes on below
};

/// @param message Its begin is enough. What is broken reads as far as it goes.
readable read_plain(std::string_view message, const readable_bounds& bounds);

} // namespace hamlet::mail
