// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/irc/mode_table.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace hamlet {

/// What a member may do, one bit for each prefix mode; the higher number is the higher rank, so
/// `x >= rank::halfop` is "half-operator or more".
using ranks = std::uint8_t;

namespace rank {
constexpr ranks none = 0, voice = 1, halfop = 2, op = 4, admin = 8, founder = 16;
} // namespace rank

struct rank_row {
  char letter;
  char prefix;
  ranks bit;
};
/// The highest first.
constexpr std::array<rank_row, 5> rank_table{{{'q', '~', rank::founder},
                                              {'a', '&', rank::admin},
                                              {'o', '@', rank::op},
                                              {'h', '%', rank::halfop},
                                              {'v', '+', rank::voice}}};

/// 0: no such letter.
constexpr ranks rank_of_letter(char letter) {
  for (auto& x : rank_table)
    if (x.letter == letter)
      return x.bit;
  return 0;
}
constexpr ranks rank_of_prefix(char prefix) {
  for (auto& x : rank_table)
    if (x.prefix == prefix)
      return x.bit;
  return 0;
}

/// "@+", the highest first.
inline std::string prefixes_of(ranks x) {
  std::string out;
  for (auto& row : rank_table)
    if ((x & row.bit) != 0)
      out += row.prefix;
  return out;
}

/// What access flags such as "o" give: the highest letter counts. Founders and admins are operators
/// too, so that clients which show one prefix and know two see an operator.
constexpr ranks ranks_of_flags(std::string_view flags) {
  for (auto& row : rank_table)
    if (flags.find(row.letter) != flags.npos)
      return row.bit > rank::op ? static_cast<ranks>(row.bit | rank::op) : row.bit;
  return 0;
}

/// The least rank that may do what is the right of somebody; 0xff: no member.
constexpr ranks rank_for(irc::mode_right x) {
  switch (x) {
  case irc::mode_right::halfop: return rank::halfop;
  case irc::mode_right::op: return rank::op;
  case irc::mode_right::admin: return rank::admin;
  case irc::mode_right::founder: return rank::founder;
  case irc::mode_right::server_oper:
  case irc::mode_right::server: break;
  }
  return 0xff;
}

} // namespace hamlet
