// SPDX-License-Identifier: Apache-2.0
#include "actors/account/fingerprint.hpp"
#include "actors/account/reserved_names.hpp"
#include "lib/base/clock.hpp"
#include "lib/crypto/password.hpp"
#include "lib/irc/casemap.hpp"
#include "lib/mail/names.hpp"
#include "node/command.hpp"
#include "node/open_store.hpp"
#include "node/rules.hpp"
#include "node/terminal.hpp"

#include <iostream>

namespace hamlet::node {

namespace {

/// What the store says of a change, for a person.
int finish_change(const result<void_t>& done, const std::string& taken, const std::string& missing,
                  const std::string& full) {
  if (done)
    return 0;
  switch (done.error().code) {
  case errc::already_exists: return complain({done.error().code, taken});
  case errc::not_found: return complain({done.error().code, missing});
  case errc::over_quota: return complain({done.error().code, full});
  default: return complain(done.error());
  }
}

std::string day_text(std::int64_t unix_ms) {
  return time_text(unix_ms / 1000);
}

// -- certificates (SASL EXTERNAL) ---------------------------------------------

result<std::string> fingerprint_of(const std::string& text) {
  if (auto fingerprint = canonical_fingerprint(text))
    return *fingerprint;
  return fail(errc::bad_request, "a fingerprint is the SHA-256 of a certificate, as 64 hexadecimal "
                                 "digits: openssl x509 -noout -fingerprint -sha256");
}

int add_certificate(const call& c) {
  auto fingerprint = fingerprint_of(c.words[1]);
  if (!fingerprint)
    return complain(fingerprint.error());
  return with_account(c, [&](store& s, const sql::login& found) {
    sql::chat_certificate fresh{*fingerprint, found.who.id, c.option("name").value_or(""),
                                unix_milliseconds()};
    auto most = c.settings.chat_sizes.certificates_per_account.value;
    return finish_change(
      wait<void_t>([&](auto f) { s.chat_accounts().add_certificate(fresh, most, f); }),
      "this certificate belongs to another account", "there is no such account",
      "the account has chat_sizes.certificates_per_account of them already");
  });
}

int list_certificates(const call& c) {
  return with_account(c, [](store& s, const sql::login& found) {
    auto all = wait<std::vector<sql::chat_certificate>>(
      [&](auto f) { s.chat_accounts().certificates(found.who.id, f); });
    if (!all)
      return complain(all.error());
    table rows{{"FINGERPRINT", "NAME", "ADDED"}};
    for (auto& x : *all)
      rows.push_back({x.fingerprint, x.name, day_text(x.added_ms)});
    print_table(rows);
    return 0;
  });
}

int remove_certificate(const call& c) {
  auto fingerprint = fingerprint_of(c.words[1]);
  if (!fingerprint)
    return complain(fingerprint.error());
  return with_account(c, [&](store& s, const sql::login& found) {
    return finish_change(wait<void_t>([&](auto f) {
                           s.chat_accounts().remove_certificate(found.who.id, *fingerprint, f);
                         }),
                         {}, "the account has no such certificate", {});
  });
}

// -- nicks --------------------------------------------------------------------

int add_nick(const call& c) {
  auto& nick = c.words[1];
  auto rules = account_rules_of(c.settings);
  if (!irc::is_valid_nick(nick, rules.nick_length, rules.utf8_names))
    return complain({errc::bad_request, '"' + nick + "\" cannot be a nick"});
  return with_account(c, [&](store& s, const sql::login& found) {
    auto now = unix_milliseconds();
    sql::chat_nick fresh{irc::fold(nick), nick, irc::confusable_key(nick), found.who.id, now, now};
    return finish_change(
      wait<void_t>([&](auto f) { s.chat_accounts().group(fresh, rules.nicks_per_account, f); }),
      nick + " belongs to another account, or looks like a nick that does",
      "there is no such account", "the account has chat_sizes.nicks_per_account of them already");
  });
}

int list_nicks(const call& c) {
  return with_account(c, [](store& s, const sql::login& found) {
    auto all =
      wait<std::vector<sql::chat_nick>>([&](auto f) { s.chat_accounts().nicks(found.who.id, f); });
    if (!all)
      return complain(all.error());
    table rows{{"NICK", "ADDED", "LAST USED"}};
    if (found.is_in_default_domain)
      rows.push_back({found.who.local, day_text(found.who.created_at * 1000), ""});
    for (auto& x : *all)
      rows.push_back({x.nick, day_text(x.added_ms), day_text(x.used_ms)});
    print_table(rows);
    return 0;
  });
}

int remove_nick(const call& c) {
  return with_account(c, [&](store& s, const sql::login& found) {
    return finish_change(wait<void_t>([&](auto f) {
                           s.chat_accounts().ungroup(found.who.id, irc::fold(c.words[1]), f);
                         }),
                         {}, "the account has no such nick beside its name", {});
  });
}

// -- passwords of the settings --------------------------------------------------

int hash_password(const call& c) {
  auto password = ask_password("an operator, a gateway or the server");
  if (!password)
    return complain(password.error());
  auto hash = crypto::hash_password(*password, account_rules_of(c.settings).cost);
  if (!hash)
    return complain(hash.error());
  std::cout << *hash << '\n';
  return 0;
}

constexpr command commands[] = {
  {"account certificate add", "ADDRESS FINGERPRINT [--name NAME]", 2, 2,
   "name=", "Lets in by a TLS certificate (SASL EXTERNAL).", add_certificate},
  {"account certificate list", "ADDRESS", 1, 1, "", "Lists the certificates of an account.",
   list_certificates},
  {"account certificate remove", "ADDRESS FINGERPRINT", 2, 2, "", "Ends logins by one certificate.",
   remove_certificate},
  {"account nick add", "ADDRESS NICK", 2, 2, "", "Gives an account another nick in chat.",
   add_nick},
  {"account nick list", "ADDRESS", 1, 1, "", "Lists the nicks of an account.", list_nicks},
  {"account nick remove", "ADDRESS NICK", 2, 2, "", "Takes a nick from an account.", remove_nick},
  {"chat hash-password", "", 0, 0, "",
   "Makes the hash of a password for [chat]; asks for the password.", hash_password},
};

} // namespace

std::span<const command> chat_commands() {
  return commands;
}

} // namespace hamlet::node
