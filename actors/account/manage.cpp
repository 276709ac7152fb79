// SPDX-License-Identifier: Apache-2.0
#include "actors/account/account.hpp"
#include "actors/account/credential.hpp"
#include "actors/resume.hpp"
#include "lib/base/clock.hpp"
#include "lib/base/worker_pool.hpp"
#include "lib/crypto/random.hpp"
#include "lib/mail/names.hpp"

// What an administrator does. Who may ask is the asker's care: no member gets here.

namespace hamlet {

using account::v1::AccountManaged;
using account::v1::ManageAccount;

namespace {

AccountManaged managed(std::int64_t account_id) {
  AccountManaged done;
  done.set_account_id(account_id);
  return done;
}

} // namespace

caf::result<AccountManaged> account_state::manage(const ManageAccount& msg) {
  auto promise = owe<AccountManaged>(self);
  if (msg.has_create()) {
    manage_create(msg, promise);
    return promise;
  }
  auto then = [this, msg, promise](result<maybe_login> found) mutable {
    if (!found || !*found)
      return refuse(promise, found ? error{errc::not_found, "no such account"} : found.error());
    manage_one(msg, (*found)->who, promise);
  };
  parts->accounts.find_login(msg.local(), msg.domain(),
                             resume<maybe_login>(self, limits, store_timeout, std::move(then)));
  return promise;
}

/// Hands the credential of a password on, when a worker has made it.
void account_state::manage_password(const sql::account& who, const std::string& password,
                                    std::function<void(result<sql::credential>)> then) {
  auto done = resume<sql::credential>(self, limits, hash_timeout, std::move(then));
  auto job = [prepared = mail::prepared_password(password), salt = who.scram_salt,
              iterations = who.scram_iterations, cost = parts->rules->get()->cost,
              done] { done(credential_of(prepared, salt, iterations, cost)); };
  if (!parts->workers->submit(std::move(job)))
    done(fail(errc::busy, "too many logins at once"));
}

void account_state::manage_create(const ManageAccount& msg, managing promise) {
  auto fresh = fresh_account(msg.local(), msg.domain());
  fresh.display_name = msg.create().display_name();
  fresh.rank = static_cast<sql::role>(msg.create().rank());
  auto then = [this, fresh, promise](result<sql::credential> made) mutable {
    if (!made)
      return refuse(promise, made.error());
    fresh.password = std::move(*made);
    auto tell = [promise](result<std::int64_t> id) { settle(promise, id.map(managed)); };
    parts->accounts.create(std::move(fresh),
                           resume<std::int64_t>(self, limits, store_timeout, std::move(tell)));
  };
  manage_password(fresh, msg.create().password(), std::move(then));
}

void account_state::manage_one(const ManageAccount& msg, const sql::account& who,
                               managing promise) {
  auto tell = [promise, id = who.id](result<void_t> done) {
    settle(promise, done.map([id](void_t) { return managed(id); }));
  };
  auto changed = [&] { return resume<void_t>(self, limits, store_timeout, tell); };
  switch (msg.change_case()) {
  case ManageAccount::kPassword:
    return manage_password(
      who, msg.password(), [this, promise, tell, id = who.id](result<sql::credential> made) {
        if (!made)
          return refuse(promise, made.error());
        parts->accounts.set_password(id, std::move(*made),
                                     resume<void_t>(self, limits, store_timeout, tell));
      });
  case ManageAccount::kRank:
    return parts->accounts.set_role(who.id, static_cast<sql::role>(msg.rank()), changed());
  case ManageAccount::kQuotaBytes:
    return parts->accounts.set_quota(who.id, msg.quota_bytes(), changed());
  case ManageAccount::kStatus:
    return parts->accounts.set_status(who.id, static_cast<sql::account_status>(msg.status()),
                                      changed());
  case ManageAccount::kRemove: return parts->accounts.remove(who.id, changed());
  case ManageAccount::kAddDevice: return manage_device(msg, who, promise);
  case ManageAccount::kRevokeDevice:
    return parts->accounts.remove_device(who.id, msg.revoke_device(), changed());
  case ManageAccount::kCreate:
  case ManageAccount::CHANGE_NOT_SET: break;
  }
  refuse(promise, {errc::bad_request, "nothing to change"});
}

void account_state::manage_device(const ManageAccount& msg, const sql::account& who,
                                  managing promise) {
  auto secret = crypto::device_password();
  sql::device fresh;
  fresh.account_id = who.id;
  fresh.name = msg.add_device().name();
  fresh.scope = static_cast<std::uint8_t>(msg.add_device().scope());
  fresh.sealed = parts->key->seal(secret, device_seal_context(who.id));
  fresh.keys = scram_only(secret, who.scram_salt, who.scram_iterations);
  fresh.created_at = unix_seconds();
  auto tell = [promise, id = who.id, secret](result<std::int64_t> added) {
    settle(promise, added.map([&](std::int64_t) {
      auto done = managed(id);
      done.set_password(secret);
      return done;
    }));
  };
  parts->accounts.add_device(std::move(fresh),
                             resume<std::int64_t>(self, limits, store_timeout, std::move(tell)));
}

} // namespace hamlet
