// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/network.hpp"
#include "lib/irc/ban.hpp"
#include "lib/irc/glob.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace hamlet {

/// What a network-wide ban is about, ready to match.
///  - kline: "user@host", "host" with a '.', ':' or '/', each with wildcards, where the host may be
///    a range of addresses; also "~a:account", and "~U:user@host" for those without an account
///  - dline: an address or a range, without wildcards
///  - resv: a nick, or a channel (it begins with '#' or '&'), with wildcards
class ban_mask {
public:
  enum class about : std::uint8_t { kline, dline, nick, channel };

  /// @param kind "kline", "dline" or "resv". nullopt: there is no such kind, or the mask could not
  /// fit anybody, or would be one of nicks.
  static std::optional<ban_mask> of(std::string_view kind, std::string_view text);

  about what() const { return what_; }
  /// The word that of() takes.
  std::string_view kind() const;
  /// The one form of all masks that mean the same: the case folded, "user@host" in full, a range
  /// without the bits behind its prefix. of() takes it.
  const std::string& text() const { return text_; }

  /// klines and dlines.
  bool matches(const irc::ban_target& who) const;
  bool matches(const ip_address& x) const; ///< dlines
  /// resv. @param folded irc::fold() of the name.
  bool matches_name(std::string_view folded) const;
  /// Nothing in it tells one from another, as in "*@*", "*", "*@*.*" or "0.0.0.0/0".
  bool is_for_everybody() const;

private:
  ban_mask() = default;

  about what_ = about::kline;
  std::string text_;
  std::variant<irc::glob, irc::ban, network> mask_;
};

} // namespace hamlet
