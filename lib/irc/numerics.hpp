// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace hamlet::irc {

/// The three digits of a reply (RFC 2812 §2.4), under the name that the texts give it: 001 is
/// numeric::rpl_welcome. Where texts differ there are two names for one number.
enum class numeric : std::uint16_t {
#define X(number, name) name = number,
#define ALIAS(number, name) name = number,
#include "lib/irc/numerics.inc"
#undef X
#undef ALIAS
};

/// As in a line: "001".
constexpr std::array<char, 3> digits(numeric x) {
  auto n = static_cast<unsigned>(x);
  return {static_cast<char>('0' + n / 100 % 10), static_cast<char>('0' + n / 10 % 10),
          static_cast<char>('0' + n % 10)};
}

/// For logs and tests: "rpl_welcome"; empty for a number that has no name.
constexpr std::string_view to_string(numeric x) {
  switch (static_cast<unsigned>(x)) {
#define X(number, name)                                                                            \
  case number:                                                                                     \
    return #name;
#define ALIAS(number, name)
#include "lib/irc/numerics.inc"
#undef X
#undef ALIAS
  default: return {};
  }
}

/// An error and no reply: 400 to 599 (RFC 2812 §2.4) and those named so by later texts.
constexpr bool is_error(numeric x) {
  return to_string(x).starts_with("err_");
}

} // namespace hamlet::irc
