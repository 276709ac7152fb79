// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/network.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace hamlet::irc {

/// Hosts that are shown instead of addresses. A cloak is HMAC-SHA-256 of the whole address (IPv4)
/// or of its /64 (IPv6, which is one customer), so that it tells nothing about the neighbours, and
/// without the key it is not found by trying all addresses. 80 bits of it, in base32 (RFC 4648 §6,
/// lower case): "mzxw6ytboi4dqmjr.ip.example.org".
class cloaker {
public:
  /// @param key Secret; empty: there are no cloaks, and addresses are shown.
  /// @param suffix Without a dot in front.
  /// @param old_keys Former keys, whose cloaks may still stand in bans.
  cloaker(std::string key, std::string suffix, std::vector<std::string> old_keys = {});

  std::string cloak(const ip_address& x) const;
  /// For matching, see identity::cloaks: of today's key and of all former ones.
  std::vector<std::string> all(const ip_address& x) const;

private:
  std::string key_;
  std::string suffix_;
  std::vector<std::string> old_keys_;
};

/// The host for who is signed in and wants no address to be derived: "bob.user.example.org". Octets
/// of the account that a host may not have are written as '-'.
std::string account_host(std::string_view account, std::string_view suffix);

} // namespace hamlet::irc
