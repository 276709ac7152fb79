// SPDX-License-Identifier: Apache-2.0
#include "lib/base/clock.hpp"
#include "lib/mail/names.hpp"
#include "node/accounts.hpp"
#include "node/command.hpp"
#include "node/open_store.hpp"
#include "node/terminal.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <iostream>

namespace hamlet::node {

namespace {

constexpr std::array<std::pair<std::string_view, sql::role>, 3> roles{
  {{"member", sql::role::member},
   {"moderator", sql::role::moderator},
   {"admin", sql::role::admin}}};
constexpr std::array<std::pair<std::string_view, std::uint8_t>, 3> doors{
  {{"mail", static_cast<std::uint8_t>(sql::door::mail)},
   {"chat", static_cast<std::uint8_t>(sql::door::chat)},
   {"web", static_cast<std::uint8_t>(sql::door::web)}}};

std::string role_text(sql::role x) {
  auto found = std::ranges::find(roles, x, [](auto& pair) { return pair.second; });
  return std::string{found->first};
}

result<sql::role> role_of(const std::string& text) {
  for (auto& [name, value] : roles)
    if (name == text)
      return value;
  return fail(errc::bad_request, "a role is member, moderator or admin, not \"" + text + '"');
}

/// "mail", "mail,chat": device passwords are good for nothing more.
result<std::uint8_t> scope_of(const std::string& text) {
  std::uint8_t bits = 0;
  for (std::size_t begin = 0; begin <= text.size();) {
    auto end = std::min(text.find(',', begin), text.size());
    auto word = text.substr(begin, end - begin);
    auto found = std::ranges::find(doors, word, [](auto& pair) { return pair.first; });
    if (found == doors.end())
      return fail(errc::bad_request, "a scope is mail, chat or web, not \"" + word + '"');
    bits |= found->second;
    begin = end + 1;
  }
  return bits;
}

std::string scope_text(std::uint8_t bits) {
  std::string text;
  for (auto& [name, bit] : doors)
    if ((bits & bit) != 0)
      text += (text.empty() ? "" : ",") + std::string{name};
  return text;
}

/// "500MiB", "2GiB", octets, or "none".
result<std::int64_t> quota_of(const std::string& text) {
  std::int64_t value = 0;
  auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  std::string_view unit{end, text.data() + text.size()};
  constexpr std::array<std::pair<std::string_view, int>, 4> units{
    {{"", 0}, {"KiB", 10}, {"MiB", 20}, {"GiB", 30}}};
  auto found = std::ranges::find(units, unit, [](auto& pair) { return pair.first; });
  if (ec != std::errc{} || value < 0 || value > 1 << 20 << 10 || found == units.end())
    return fail(errc::bad_request, "a quota is a number of octets, KiB, MiB or GiB, as in 500MiB");
  return value << found->second;
}

std::string address_of(const sql::account& who) {
  return mail::address{who.local, who.domain}.text();
}

int finish(const result<void_t>& done) {
  return done ? 0 : complain(done.error());
}

// -- accounts -----------------------------------------------------------------

int add(const call& c) {
  auto rank = role_of(c.option("role").value_or("member"));
  if (!rank)
    return complain(rank.error());
  return with_store(c, [&](store& s) {
    auto name = account_name(s, c.words[0]);
    if (!name)
      return complain(name.error());
    auto password = ask_password(name->text());
    if (!password)
      return complain(password.error());
    auto made =
      create_account(s, c.settings, *name, c.option("name").value_or(""), *rank, *password);
    if (!made)
      return complain(made.error());
    std::cout << "Account " << name->text() << " is ready.\n";
    return 0;
  });
}

int list(const call& c) {
  constexpr std::size_t page = 500;
  return with_store(c, [](store& s) {
    table rows{{"ADDRESS", "NAME", "ROLE", "STATUS", "LAST USED"}};
    for (std::string after;;) {
      auto some =
        wait<std::vector<sql::account>>([&](auto f) { s.accounts().list(after, page, f); });
      if (!some)
        return complain(some.error());
      for (auto& x : *some)
        rows.push_back({address_of(x), x.display_name, role_text(x.rank),
                        x.status == sql::account_status::active ? "active" : "disabled",
                        time_text(*std::ranges::max_element(x.last_used))});
      if (some->size() < page)
        break;
      after = address_of(some->back());
    }
    print_table(rows);
    return 0;
  });
}

int show(const call& c) {
  return with_account(c, [&](store& s, const sql::login& found) {
    auto& who = found.who;
    auto room = wait<sql::usage>([&](auto f) { s.accounts().room_of(who.id, f); });
    if (!room)
      return complain(room.error());
    auto quota = who.quota_bytes != 0
                   ? who.quota_bytes
                   : static_cast<std::int64_t>(c.settings.accounts.default_quota.value);
    print_table(
      {{"address", address_of(who)},
       {"name", who.display_name},
       {"role", role_text(who.rank)},
       {"status", who.status == sql::account_status::active ? "active" : "disabled"},
       {"password", who.password ? "set" : "none: cannot log in by it"},
       {"mailbox", size_text(room->bytes) + " in " + std::to_string(room->messages)
                     + " messages, quota " + (quota == 0 ? std::string{"none"} : size_text(quota))},
       {"created", time_text(who.created_at)},
       {"last sent mail", time_text(who.last_used[0])},
       {"last fetched mail", time_text(who.last_used[1])}});
    for (auto& alias : found.aliases)
      std::cout << "alias    " << alias << '\n';
    for (auto& device : found.devices)
      std::cout << "device   " << device.name << " (" << scope_text(device.scope) << "), last used "
                << time_text(device.last_used_at) << '\n';
    return 0;
  });
}

int set_password(const call& c) {
  return with_account(c, [&](store& s, const sql::login& found) {
    auto password = ask_password(address_of(found.who));
    if (!password)
      return complain(password.error());
    return finish(change_password(s, c.settings, found.who, *password));
  });
}

int set_status(const call& c, sql::account_status status) {
  return with_account(c, [&](store& s, const sql::login& found) {
    return finish(wait<void_t>([&](auto f) { s.accounts().set_status(found.who.id, status, f); }));
  });
}
int disable(const call& c) {
  return set_status(c, sql::account_status::disabled);
}
int enable(const call& c) {
  return set_status(c, sql::account_status::active);
}

int set_role(const call& c) {
  auto rank = role_of(c.words[1]);
  if (!rank)
    return complain(rank.error());
  return with_account(c, [&](store& s, const sql::login& found) {
    return finish(wait<void_t>([&](auto f) { s.accounts().set_role(found.who.id, *rank, f); }));
  });
}

int set_quota(const call& c) {
  auto quota = c.words[1] == "default" ? result<std::int64_t>{0} : quota_of(c.words[1]);
  if (!quota)
    return complain(quota.error());
  return with_account(c, [&](store& s, const sql::login& found) {
    return finish(wait<void_t>([&](auto f) { s.accounts().set_quota(found.who.id, *quota, f); }));
  });
}

int remove(const call& c) {
  return with_account(c, [&](store& s, const sql::login& found) {
    auto address = address_of(found.who);
    if (!c.has("yes") && !confirms("Delete " + address + " and all its mail?"))
      return complain({errc::bad_request, "nothing was deleted; --yes deletes without a question"});
    return finish(wait<void_t>([&](auto f) { s.accounts().remove(found.who.id, f); }));
  });
}

// -- device passwords ---------------------------------------------------------

int add_device(const call& c) {
  auto scope = scope_of(c.option("scope").value_or("mail"));
  if (!scope)
    return complain(scope.error());
  return with_account(c, [&](store& s, const sql::login& found) {
    auto secret = create_device(s, found.who, c.words[1], *scope);
    if (!secret)
      return complain(secret.error());
    std::cout << *secret << '\n';
    std::cerr << "This password for " << c.words[1] << " is shown only once.\n";
    return 0;
  });
}

int list_devices(const call& c) {
  return with_account(c, [](store&, const sql::login& found) {
    table rows{{"DEVICE", "SCOPE", "CREATED", "LAST USED"}};
    for (auto& x : found.devices)
      rows.push_back(
        {x.name, scope_text(x.scope), time_text(x.created_at), time_text(x.last_used_at)});
    print_table(rows);
    return 0;
  });
}

int remove_device(const call& c) {
  return with_account(c, [&](store& s, const sql::login& found) {
    return finish(
      wait<void_t>([&](auto f) { s.accounts().remove_device(found.who.id, c.words[1], f); }));
  });
}

constexpr command commands[] = {
  {"account add", "ADDRESS [--name NAME] [--role ROLE]", 1, 1,
   "name=role=", "Makes an account; asks for its password.", add},
  {"account list", "", 0, 0, "", "Lists the accounts.", list},
  {"account show", "ADDRESS", 1, 1, "", "Shows one account.", show},
  {"account set-password", "ADDRESS", 1, 1, "", "Changes the password.", set_password},
  {"account set-role", "ADDRESS ROLE", 2, 2, "", "member, moderator or admin.", set_role},
  {"account set-quota", "ADDRESS SIZE", 2, 2, "", "\"500MiB\", or \"default\".", set_quota},
  {"account disable", "ADDRESS", 1, 1, "", "No login any more; mail still comes.", disable},
  {"account enable", "ADDRESS", 1, 1, "", "Undoes disable.", enable},
  {"account delete", "ADDRESS [--yes]", 1, 1, "yes,", "Deletes the account and its mail.", remove},
  {"account device-password", "ADDRESS DEVICE [--scope mail,chat,web]", 2, 2,
   "scope=", "Makes a password for one phone or program.", add_device},
  {"account devices", "ADDRESS", 1, 1, "", "Lists the devices of an account.", list_devices},
  {"account revoke-device", "ADDRESS DEVICE", 2, 2, "", "Ends one device's password.",
   remove_device},
};

} // namespace

std::span<const command> account_commands() {
  return commands;
}

} // namespace hamlet::node
