// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/irc/machine.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace hamlet::irc {

/// What a WHO asks for besides its mask: "o" (RFC 2812 §3.6.1), "n%tcuhnfar,42" (IRCv3 WHOX).
struct who_options {
  bool operators_only = false;
  std::string match; ///< letters n u h i s r a: what the mask is compared with; empty: all of them
  bool is_extended = false; ///< there was a '%'
  std::string fields;
  std::string token;

  static who_options of(std::string_view text);
  bool matches(char what) const { return match.empty() || match.find(what) != match.npos; }
};

/// One user in an answer. What costs a look elsewhere is asked only if it is shown.
struct who_row {
  const chat::v1::Who& who;
  std::string_view channel; ///< empty: none that the asker may see
  std::string_view prefixes;
  std::function<std::int64_t()> idle;
};

/// 352 or 354.
void show_who(machine& m, const who_options& options, const who_row& row);

} // namespace hamlet::irc
