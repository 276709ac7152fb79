// SPDX-License-Identifier: Apache-2.0
#include "node/accounts.hpp"

#include "actors/account/account.hpp"
#include "actors/account/credential.hpp"
#include "lib/base/clock.hpp"
#include "lib/crypto/random.hpp"
#include "lib/mail/names.hpp"
#include "node/rules.hpp"

namespace hamlet::node {

namespace {

constexpr std::size_t max_device_name = 64;

result<sql::credential> credential_for(const sql::account& who, const std::string& password,
                                       const config::settings& x) {
  return credential_of(mail::prepared_password(password), who.scram_salt, who.scram_iterations,
                       account_rules_of(x).cost);
}

} // namespace

result<mail::address> account_name(store& s, const std::string& text) {
  auto name = mail::login_name(text);
  if (!name)
    return fail(errc::bad_request, '"' + text + "\" cannot be the address of an account");
  if (name->domain)
    return mail::address{name->local, *name->domain};
  auto domains = wait<std::vector<std::string>>([&](auto f) { s.accounts().domains(f); });
  if (!domains)
    return tl::unexpected{domains.error()};
  if (domains->empty())
    return fail(errc::not_found, "there is no domain yet: hamlet domain add example.org");
  return mail::address{name->local, domains->front()};
}

result<sql::login> find_account(store& s, const std::string& text) {
  auto name = account_name(s, text);
  if (!name)
    return tl::unexpected{name.error()};
  auto found = wait<std::optional<sql::login>>(
    [&](auto f) { s.accounts().find_login(name->local, name->domain, f); });
  if (!found)
    return tl::unexpected{found.error()};
  if (!*found)
    return fail(errc::not_found, "there is no account " + name->text());
  return std::move(**found);
}

result<std::int64_t> create_account(store& s, const config::settings& x, const mail::address& name,
                                    const std::string& display_name, sql::role rank,
                                    const std::string& password) {
  auto fresh = fresh_account(name.local, name.domain);
  fresh.display_name = display_name;
  fresh.rank = rank;
  auto made = credential_for(fresh, password, x);
  if (!made)
    return tl::unexpected{made.error()};
  fresh.password = std::move(*made);
  auto created = wait<std::int64_t>([&](auto f) { s.accounts().create(std::move(fresh), f); });
  if (created)
    return created;
  switch (created.error().code) {
  case errc::already_exists: return fail(errc::already_exists, name.text() + " is taken");
  case errc::not_found:
    return fail(errc::not_found,
                name.domain + " is not a domain of ours: hamlet domain add " + name.domain);
  default: return created;
  }
}

result<void_t> change_password(store& s, const config::settings& x, const sql::account& who,
                               const std::string& password) {
  auto made = credential_for(who, password, x);
  if (!made)
    return tl::unexpected{made.error()};
  return wait<void_t>([&](auto f) { s.accounts().set_password(who.id, std::move(*made), f); });
}

result<std::string> create_device(store& s, const sql::account& who, const std::string& device,
                                  std::uint8_t scope) {
  if (device.empty() || device.size() > max_device_name)
    return fail(errc::bad_request, "the name of a device has 1 to 64 octets");
  auto secret = crypto::device_password();
  sql::device fresh;
  fresh.account_id = who.id;
  fresh.name = device;
  fresh.scope = scope;
  fresh.sealed = s.key().seal(secret, device_seal_context(who.id));
  fresh.keys = scram_only(secret, who.scram_salt, who.scram_iterations);
  fresh.created_at = unix_seconds();
  auto added = wait<std::int64_t>([&](auto f) { s.accounts().add_device(std::move(fresh), f); });
  if (added)
    return secret;
  if (added.error().code == errc::already_exists)
    return fail(errc::already_exists, "there is a device called " + device + " already");
  return tl::unexpected{added.error()};
}

} // namespace hamlet::node
