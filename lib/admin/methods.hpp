// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace hamlet::admin {

/// What somebody may do. Each has all that those before it have.
enum class role : std::uint8_t {
  viewer,    ///< looks, and changes nothing
  moderator, ///< the order in chat: bans, sessions, channels
  operator_, ///< the machines: queue, nodes, shards
  admin,     ///< who is a member; and the audit
};

std::string_view to_string(role x);
std::optional<role> role_of(std::string_view text);

/// One method of administration.
struct method {
  std::string_view name; ///< "hamlet.admin.v1.Accounts/List"
  role needs;
  bool writes;

  std::string_view service() const { return name.substr(0, name.find('/')); }
};

/// All there are, by service: the only place that says who may do what.
std::span<const method> methods();

/// nullptr: there is none. @param name With or without the leading '/' of HTTP/2.
const method* find_method(std::string_view name);

} // namespace hamlet::admin
