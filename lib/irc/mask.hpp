// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/network.hpp"
#include "lib/irc/glob.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hamlet::irc {

/// Who somebody is, as masks see it. What is not known is empty.
struct identity {
  std::string_view nick = {};
  std::string_view user = {};
  std::string_view host = {};      ///< the one that is shown: a cloak, mostly
  std::string_view real_host = {}; ///< by DNS
  std::string_view ip = {};
  std::vector<std::string_view> cloaks = {}; ///< others that bans may hold, see cloak.hpp
  std::string_view account = {};
  std::string_view realname = {};
  std::string_view certfp = {}; ///< SHA-256 in hexadecimal digits
  /// Is the user in this channel, with at least this prefix (0: any)? Absent: in none.
  std::function<bool(std::string_view channel, char prefix)> in_channel = {};
};

/// An identity made ready for many masks: each name is folded once. Owns all but the callback's
/// captures.
struct ban_target {
  explicit ban_target(const identity& x);

  std::string nick;
  std::string user;
  std::vector<std::string> hosts; ///< all of them, each once; the address is one
  std::optional<ip_address> address;
  std::string account;
  std::string realname;
  std::string certfp;
  std::function<bool(std::string_view channel, char prefix)> in_channel;
};

/// "nick!user@host" with wildcards (RFC 2811 §4.3), ready to match. The host part may be a range of
/// addresses, "10.0.0.0/24" or "2001:db8::/32"; it is tried on every host that is known, so that
/// neither a cloak nor a name hides from it. (Somebody who may set bans can so find out in which
/// range a user is; the address itself is never shown.)
class hostmask {
public:
  static constexpr std::size_t max_size = 255;

  /// What is missing is '*': "nick", "nick!user", "user@host", and "host" for what has a '.', ':'
  /// or '/'. nullopt: empty, over 255 octets, not UTF-8, with a space or control character, or
  /// beginning with ':'.
  static std::optional<hostmask> of(std::string_view text);

  bool matches(const ban_target& x) const;
  /// In full and as it was written, but with its runs of '*' as one and a range without the bits
  /// behind its prefix.
  const std::string& text() const { return text_; }
  bool matches_all() const;

private:
  hostmask() = default;

  std::string text_;
  glob nick_;
  glob user_;
  glob host_;
  std::optional<network> range_;
};

/// What a mask and what is like one may be made of; see hostmask::of().
bool is_mask_text(std::string_view text, std::size_t max_size = hostmask::max_size);

} // namespace hamlet::irc
