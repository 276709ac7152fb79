// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/irc/mode_table.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hamlet::irc {

struct mode_change {
  bool add = true;
  char letter = 0;
  std::string param; ///< empty: has none

  bool operator==(const mode_change&) const = default;
};

/// What a MODE command asks for.
struct mode_request {
  struct bad_param {
    char letter;
    std::string param;
    bool operator==(const bad_param&) const = default;
  };

  std::vector<mode_change> changes; ///< in their order
  std::string lists;                ///< letters of lists that are asked for, each once
  std::string unknown;              ///< letters that are no modes, each once: 472, 501
  std::string missing;              ///< letters that lack their parameter: 461 or 696
  std::vector<bad_param> invalid;   ///< 696 (525 for a key)
  bool over_limit = false;          ///< changes with a parameter beyond the limit were dropped
};

/// The parameters of MODE behind the channel: RFC 2812 §3.2.3, RFC 2811 §4, modern (MODE message).
///  - Without a sign a change adds; a list mode without a parameter asks for the list.
///  - Parameters go to the modes in their order. What is left begins another group if it has a
///  sign,
///    "+b a -o c", and else is ignored.
///  - "-k" needs no parameter, as in the clients that have forgotten the key; it then is "*".
///  - Parameters are brought into the form of mode_param(), but for lists and memberships, where
///    ban::of() and the channel know more.
/// @param max_with_param Changes that have a parameter, MODES of 005; RFC 2812 §3.2.3 has 3.
mode_request parse_channel_modes(std::span<const std::string> words, std::size_t max_with_param);

/// The same for MODE of a user, RFC 2812 §3.1.5; the right to a change is not asked here.
mode_request parse_user_modes(std::span<const std::string> words);

/// The parameter of a mode `always` or `when_set` as it is kept; nullopt: not a valid one.
///  - k: RFC 2812 §2.3.1, at most 23 octets, without comma, as JOIN has a list of them, or ':' as
///    its first;
///  - l: 1 to 2^31-1; f, j: "count:seconds", see parse_rate(); L: a channel; H: as f.
std::optional<std::string> mode_param(char letter, std::string_view text);

/// "5:10": five in ten seconds. 1 to 10,000 of them in 1 to 604,800 seconds.
struct mode_rate {
  std::uint32_t count;
  std::uint32_t seconds;
  bool operator==(const mode_rate&) const = default;
};
std::optional<mode_rate> parse_rate(std::string_view text);

/// "+ov-b nick nick mask", in as many pieces as it takes: each of at most `room` octets and
/// `max_with_param` parameters. A change that is longer than `room` has a piece of its own.
/// @param room 510 without ":source MODE #channel ".
std::vector<std::string> format_modes(std::span<const mode_change> changes, std::size_t room,
                                      std::size_t max_with_param = 12);

} // namespace hamlet::irc
