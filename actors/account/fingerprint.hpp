// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/text/ascii.hpp"
#include "lib/text/hex.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

namespace hamlet {

/// The SHA-256 of a certificate as people write it, with or without colons, in the form in which it
/// is stored: 64 digits in lower case. nullopt: it is none.
inline std::optional<std::string> canonical_fingerprint(std::string_view text) {
  constexpr std::size_t digits = 64, longest = 95; // with a colon behind every second digit
  if (text.size() > longest)
    return std::nullopt;
  auto out = ascii::lowered(text);
  std::erase(out, ':');
  if (out.size() != digits || !from_hex(out))
    return std::nullopt;
  return out;
}

} // namespace hamlet
