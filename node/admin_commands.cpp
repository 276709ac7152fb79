// SPDX-License-Identifier: Apache-2.0
#include "lib/admin/methods.hpp"
#include "lib/admin/token.hpp"
#include "lib/base/clock.hpp"
#include "lib/crypto/digest.hpp"
#include "lib/pki/folder.hpp"
#include "node/administration.hpp"
#include "node/command.hpp"
#include "node/ctl/ctl.hpp"
#include "node/open_store.hpp"
#include "node/terminal.hpp"

#include <charconv>
#include <iostream>

// Who may administer from elsewhere.

namespace hamlet::node {

namespace {

constexpr std::int64_t day_s = 24 * 3600;
constexpr std::int64_t usual_days = 365, most_days = 730;

result<std::int64_t> days_of(const call& c) {
  auto text = c.option("days");
  if (!text)
    return usual_days;
  std::int64_t days = 0;
  auto* end = text->data() + text->size();
  auto [at, wrong] = std::from_chars(text->data(), end, days);
  if (wrong != std::errc{} || at != end || days < 1 || days > most_days)
    return fail(errc::bad_request, "--days is a number from 1 to 730");
  return days;
}

result<std::string> role_of(const call& c) {
  auto text = c.option("role").value_or("viewer");
  if (!admin::role_of(text))
    return fail(errc::bad_request, "--role is viewer, moderator, operator or admin");
  return text;
}

int add_token(const call& c) {
  auto role = role_of(c);
  auto days = days_of(c);
  if (!role || !days)
    return complain(role ? days.error() : role.error());
  if (!admin::is_token_name(c.words[0]))
    return complain({errc::bad_request, "a name has 1 to 32 of a-z, 0-9 and '-'"});
  return with_store(c, [&](store& s) {
    auto secret = admin::make_token();
    auto now = unix_milliseconds();
    sql::admin_token fresh{c.words[0], *admin::token_hash(secret), *role, now,
                           now + *days * day_s * 1000};
    auto done = wait<void_t>([&](auto f) { s.administration().add_token(std::move(fresh), f); });
    if (!done)
      return complain(done.error());
    std::cout << secret << '\n';
    std::cerr << "The token of " << c.words[0] << " (" << *role << ", " << *days
              << " days) is shown only once.\n";
    crypto::wipe(secret);
    return 0;
  });
}

int list_tokens(const call& c) {
  return with_store(c, [](store& s) {
    auto all = wait<std::vector<sql::admin_token>>([&](auto f) { s.administration().tokens(f); });
    if (!all)
      return complain(all.error());
    table rows{{"TOKEN", "ROLE", "CREATED", "UNTIL", ""}};
    for (auto& x : *all)
      rows.push_back({x.name, x.role, time_text(x.created_ms / 1000),
                      time_text(x.expires_ms / 1000),
                      x.expires_ms <= unix_milliseconds() ? "expired" : ""});
    print_table(rows);
    return 0;
  });
}

int revoke_token(const call& c) {
  return with_store(c, [&](store& s) {
    auto done = wait<void_t>([&](auto f) { s.administration().remove_token(c.words[0], f); });
    if (!done && done.error().code == errc::not_found)
      return complain({errc::not_found, "there is no token called " + c.words[0]});
    return done ? 0 : complain(done.error());
  });
}

int make_certificate(const call& c) {
  auto role = role_of(c);
  auto days = days_of(c);
  if (!role || !days)
    return complain(role ? days.error() : role.error());
  auto made = pki::folder{data_layout{c.settings}.cluster()}.new_admin(
    c.words[0], *role, unix_seconds(), *days * day_s);
  if (!made)
    return complain(made.error());
  std::cout << *made;
  std::cerr << "The certificate of " << c.words[0] << " (" << *role << ", " << *days
            << " days), its key, and the authority's certificate. `hamlet cluster ca revoke "
            << c.words[0] << ".admin` takes it back.\n";
  crypto::wipe(*made);
  return 0;
}

int control(const call& c) {
  return ctl::run(c.words, admin_socket(c.settings));
}

constexpr command commands[] = {
  {"ctl", "[COMMAND …] [--help]", 0, 1000, "*", "Administers a running node, here or elsewhere.",
   control},
  {"admin token add", "NAME [--role ROLE] [--days N]", 1, 1,
   "role=days=", "Prints a token by which a program administers.", add_token},
  {"admin token list", "", 0, 0, "", "Lists the tokens.", list_tokens},
  {"admin token revoke", "NAME", 1, 1, "", "A token is good no more.", revoke_token},
  {"admin certificate", "NAME [--role ROLE] [--days N]", 1, 1, "role=days=",
   "Prints a certificate and key for an administrator, where the authority is.", make_certificate},
};

} // namespace

std::span<const command> admin_commands() {
  return commands;
}

} // namespace hamlet::node
