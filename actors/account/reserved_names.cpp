// SPDX-License-Identifier: Apache-2.0
#include "actors/account/reserved_names.hpp"

#include "lib/irc/casemap.hpp"

#include <algorithm>
#include <array>

namespace hamlet {

namespace {

// Sorted. Whoever has one of these could speak in the name of the house.
constexpr std::array<std::string_view, 63> names{"abuse",
                                                 "admin",
                                                 "administrator",
                                                 "anonymous",
                                                 "authserv",
                                                 "autoconfig",
                                                 "autodiscover",
                                                 "botserv",
                                                 "chanserv",
                                                 "daemon",
                                                 "everyone",
                                                 "ftp",
                                                 "global",
                                                 "gopher",
                                                 "guest",
                                                 "hamlet",
                                                 "helpserv",
                                                 "hostmaster",
                                                 "hostserv",
                                                 "info",
                                                 "irc",
                                                 "is",
                                                 "list",
                                                 "local",
                                                 "localhost",
                                                 "mail",
                                                 "mailer-daemon",
                                                 "majordomo",
                                                 "marketing",
                                                 "memoserv",
                                                 "mis",
                                                 "moderator",
                                                 "news",
                                                 "nickserv",
                                                 "no-reply",
                                                 "nobody",
                                                 "noc",
                                                 "noreply",
                                                 "null",
                                                 "oper",
                                                 "operator",
                                                 "operserv",
                                                 "owner",
                                                 "postmaster",
                                                 "root",
                                                 "sales",
                                                 "saslserv",
                                                 "security",
                                                 "server",
                                                 "services",
                                                 "spamserv",
                                                 "ssladmin",
                                                 "ssladministrator",
                                                 "sslwebmaster",
                                                 "staff",
                                                 "statserv",
                                                 "support",
                                                 "sysadmin",
                                                 "system",
                                                 "usenet",
                                                 "uucp",
                                                 "webmaster",
                                                 "www"};
static_assert(std::ranges::is_sorted(names));

bool has_quotes(std::string_view name) { // of what a nick may have: all else is atext
  return name.find_first_of("[]\\") != name.npos;
}

} // namespace

bool is_reserved_name(std::string_view name, std::span<const std::string> reserved) {
  auto form = irc::fold(name);
  return std::ranges::binary_search(names, std::string_view{form})
         || std::ranges::any_of(reserved,
                                [&](const std::string& x) { return irc::fold(x) == form; });
}

bool is_free_to_register(const std::string& name, std::size_t longest, bool utf8,
                         std::span<const std::string> reserved) {
  return irc::is_valid_nick(name, longest, utf8) && !has_quotes(name)
         && !is_reserved_name(name, reserved);
}

} // namespace hamlet
