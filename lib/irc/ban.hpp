// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/irc/mask.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace hamlet::irc {

/// What a ban looks at. Letters and names as in InspIRCd and UnrealIRCd.
enum class extban : std::uint8_t {
  hostmask,     ///< nick!user@host
  account,      ///< a:mask of an account (IRCv3 account-extban); "a:*" is anybody with one
  realname,     ///< r:mask of the real name; '_' also stands for a space, which masks cannot have
  channel,      ///< c:#chan or c:@#chan: in that channel, with at least that prefix
  fingerprint,  ///< z:mask of the SHA-256 of the client's certificate
  mute,         ///< m:ban – what it matches may come in but not speak
  unregistered, ///< U:ban – what it matches and has no account; "U:*" is anybody without one
};

struct extban_row {
  char letter;
  std::string_view name;
  extban what;
};
/// `j` is another letter for `c` (InspIRCd).
constexpr extban_row extban_table[] = {
  {'U', "unregistered", extban::unregistered},
  {'a', "account", extban::account},
  {'c', "channel", extban::channel},
  {'j', "inchannel", extban::channel},
  {'m', "mute", extban::mute},
  {'r', "realname", extban::realname},
  {'z', "fingerprint", extban::fingerprint},
};

/// One mask of the lists +b, +e and +I, ready to match: a hostmask or an extban. An extban has
/// the prefix '~' or none, and its letter or its name, so "~a:bob", "a:bob", "~account:bob" and
/// "account:bob" are one; they nest behind m and U, as in "m:a:bob" or "~U:~r:bot".
class ban {
public:
  /// nullopt: hostmask::of() says no, or an extban without what it should match.
  static std::optional<ban> of(std::string_view text);

  /// As it is listed: "~m:a:bob", "nick!*@*". Equal bans have texts that fold() alike.
  const std::string& text() const { return text_; }
  extban what() const { return what_; } ///< never mute or unregistered
  bool is_mute() const { return mute_; }
  bool matches(const ban_target& x) const;

private:
  ban() = default;
  bool takes(extban what, std::string_view rest);

  std::string text_;
  extban what_ = extban::hostmask;
  bool mute_ = false;
  bool unregistered_ = false;
  char prefix_ = 0; ///< of a channel's member
  glob pattern_;    ///< of all but hostmasks
  std::optional<hostmask> mask_;
};

/// Is the user kept from coming in (mutes do not count) or from speaking (all count)? The bans are
/// those of a channel without its exceptions. nullptr: no ban matches.
enum class ban_scope : std::uint8_t { join, speak };
const ban* find_match(std::span<const ban> bans, const ban_target& x, ban_scope scope);

/// The value of EXTBAN in 005: "~,Uacjmrz" (modern, EXTBAN Parameter).
std::string extban_token();
/// The value of ACCOUNTEXTBAN in 005: "a,account" (IRCv3 account-extban).
std::string account_extban_token();

} // namespace hamlet::irc
