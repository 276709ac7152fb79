// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/network.hpp"
#include "lib/config/kinds.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

// The kinds of values that only the chat and the registration of accounts need.

namespace hamlet::config {

/// So many within a span: "10/15s". "off": no bound.
struct rate {
  std::uint32_t count = 0; ///< 0: off
  std::chrono::milliseconds per{0};

  /// 1 to 1,000,000 within 1 ms to 30 days, or "off".
  static std::optional<rate> of(std::string_view text);
  std::string text() const;
  bool is_off() const { return count == 0; }
  bool operator==(const rate&) const = default;
};

/// Who stays in chat when their last client is gone.
enum class persistence : std::uint8_t {
  off,     ///< nobody
  opt_in,  ///< members that asked for it
  opt_out, ///< all members but those that do not want it
};
template <>
struct words<persistence> {
  static constexpr std::array<std::pair<std::string_view, persistence>, 3> all{
    {{"off", persistence::off},
     {"opt-in", persistence::opt_in},
     {"opt-out", persistence::opt_out}}};
};

/// May strangers make themselves an account?
enum class registration : std::uint8_t {
  closed,
  approval, ///< yes, but it logs in only after an administrator has enabled it
  open,
};
template <>
struct words<registration> {
  static constexpr std::array<std::pair<std::string_view, registration>, 3> all{
    {{"closed", registration::closed},
     {"approval", registration::approval},
     {"open", registration::open}}};
};

/// What an operator may do beyond a user.
enum class privilege : std::uint8_t {
  kill,      ///< KILL
  ban,       ///< KLINE, DLINE and what undoes them; is not held by them
  see,       ///< addresses, secret channels and invisible users
  override_, ///< act in channels without being their operator
  notices,   ///< WALLOPS and notices of the server
  links,     ///< CONNECT, SQUIT
  reload,    ///< REHASH
  stop,      ///< DIE, RESTART
  exempt,    ///< no fakelag, no throttles
};
template <>
struct words<privilege> {
  static constexpr std::array<std::pair<std::string_view, privilege>, 9> all{
    {{"kill", privilege::kill},
     {"ban", privilege::ban},
     {"see", privilege::see},
     {"override", privilege::override_},
     {"notices", privilege::notices},
     {"links", privilege::links},
     {"reload", privilege::reload},
     {"stop", privilege::stop},
     {"exempt", privilege::exempt}}};
};

/// Who becomes operator by OPER. All that is said here must fit.
struct chat_operator {
  std::string name;                  ///< of OPER, ASCII, without spaces
  std::string password;              ///< "$argon2id$…"; empty: the certificate is enough
  std::string certificate;           ///< SHA-256 of it, 64 hexadecimal digits; empty: any
  std::string account;               ///< that must be logged in; empty: any
  std::vector<std::string> from;     ///< masks of user@host or user@address; empty: everywhere
  std::vector<privilege> privileges; ///< empty: all
  std::string title;                 ///< in WHOIS; empty: "is an IRC operator"
  bool operator==(const chat_operator&) const = default;
  bool may(privilege x) const;
};

/// A web gateway that tells by WEBIRC who its clients are. All that is said here must fit.
struct web_gateway {
  std::string name;          ///< for the log
  std::string password;      ///< "$argon2id$…"; empty: the certificate is enough
  std::string certificate;   ///< SHA-256 of it, 64 hexadecimal digits; empty: any
  std::vector<network> from; ///< where it connects from
  bool operator==(const web_gateway&) const = default;
};

} // namespace hamlet::config
