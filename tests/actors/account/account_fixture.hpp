// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/account/account.hpp"
#include "lib/crypto/digest.hpp"
#include "lib/mail/names.hpp"
#include "lib/sasl/scram.hpp"
#include "tests/support/store_actor_test.hpp"

namespace hamlet {

using account::v1::CheckApop;
using account::v1::CheckPassword;
using account::v1::CheckProof;
using account::v1::LoginResult;
using account::v1::SaltOf;

/// An ACCOUNT with cheap hashes and ann, whose password is "right".
class AccountTest : public StoreActorTest {
protected:
  static constexpr crypto::argon2_cost cheap{1, 8u << 10};
  static constexpr auto delay = std::chrono::milliseconds{2000};

  AccountTest() {
    add("ann", "right");
    run();
  }
  ~AccountTest() override { end(actor); }

  static sql::credential keys_of(const std::string& password) {
    auto keys = sasl::derive_scram_keys(password, "salt of the house", sasl::scram_iterations);
    return {{}, keys.stored_key, keys.server_key};
  }

  std::int64_t add(const std::string& local, const std::string& password) {
    sql::account x;
    x.local = local;
    x.domain = "example.org";
    x.scram_salt = "salt of the house";
    x.scram_iterations = sasl::scram_iterations;
    x.created_at = start;
    if (!password.empty()) {
      x.password = keys_of(password);
      x.password->argon2id = crypto::hash_password(password, cheap).value();
    }
    return wait<std::int64_t>([&](auto done) { program->accounts.create(x, done); }).value();
  }

  void add_device(std::int64_t account, const std::string& password, sql::door scope) {
    sql::device x;
    x.account_id = account;
    x.name = password;
    x.scope = static_cast<std::uint8_t>(scope);
    x.sealed = key.seal(password, device_seal_context(account));
    x.keys = keys_of(password);
    x.created_at = start;
    auto added = wait<std::int64_t>([&](auto done) { program->accounts.add_device(x, done); });
    ASSERT_TRUE(added.has_value());
  }

  template <class T, class Call>
  result<T> change_store(Call call) {
    return wait<T>([&](auto done) { call(program->accounts, done); });
  }

  static CheckPassword login(const std::string& name, const std::string& password) {
    CheckPassword msg;
    msg.set_name(name);
    msg.set_password(password);
    msg.set_client("10.0.0.1");
    return msg;
  }

  /// The answer of the ACCOUNT, whenever it comes.
  template <class Msg>
  LoginResult check(Msg msg) {
    auto pending = me->request(actor, patience, std::move(msg));
    run();
    answered_at_once = !me->mailbox().empty();
    pass(delay);
    return answer_to<LoginResult>(std::move(pending)).value();
  }

  template <class Msg>
  LoginResult::Verdict verdict(Msg msg) {
    return check(std::move(msg)).verdict();
  }

  std::int64_t id_of_ann() { return check(login("ann", "right")).account_id(); }

  crypto::server_key key{std::string(crypto::server_key::size, 'k')};
  login_guard guard{{.failures_per_client = 6, .failures_per_name = 3}};
  registration_guard registrations{{.in_all = 4, .of_a_client = 2}};
  live<account_rules> rules{{.cost = cheap, .failure_delay = delay}};
  account_actor actor = sys.spawn(
    account_shard,
    account_parts{program->accounts, sql::chat_account_repository{program->changes, program->views},
                  &key, &workers, &guard, &registrations, &rules,
                  crypto::hash_password("nothing", cheap).value()});
  caf::scoped_actor me{sys};
  bool answered_at_once = false; ///< check() did not have to wait
};

} // namespace hamlet
