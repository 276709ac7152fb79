// SPDX-License-Identifier: Apache-2.0
#include "actors/account/account.hpp"
#include "actors/account/credential.hpp"
#include "actors/account/reserved_names.hpp"
#include "actors/resume.hpp"
#include "lib/base/worker_pool.hpp"
#include "lib/crypto/digest.hpp"
#include "lib/mail/address.hpp"
#include "lib/mail/names.hpp"
#include "lib/metrics/metrics.hpp"
#include "lib/text/ascii.hpp"
#include "lib/text/utf8.hpp"

namespace hamlet {

namespace {

using account::v1::Changed;
using account::v1::Registered;

constexpr std::size_t max_password = 1024; // octets, as at a login

metrics::counters registrations{"hamlet_registrations_total",
                                "Answers to strangers who want an account.",
                                {"result",
                                 {"temporary", "ok", "exists", "invalid_name", "weak_password",
                                  "invalid_email", "closed", "throttled", "needs_approval"}}};

bool is_weak(const std::string& password, const std::string& name, std::size_t shortest) {
  auto length = utf8::is_valid(password) ? utf8::count(password) : password.size();
  return length < shortest || password.size() > max_password || password.find('\0') != password.npos
         || ascii::same_word(password, name);
}

/// Under which name the guard counts guesses of an old password.
std::string guessed_name(std::int64_t account_id) {
  return "password of account " + std::to_string(account_id);
}

} // namespace

// Cheap questions first: what costs an Argon2id is counted by the guard.
caf::result<Registered> account_state::register_stranger(const account::v1::Register& msg) {
  auto promise = owe<Registered>(self);
  auto rules = parts->rules->get();
  auto wanted = mail::canonical_local(msg.name());
  auto refusal = [&] {
    if (rules->registration == config::registration::closed)
      return Registered::CLOSED;
    if (!wanted
        || !is_free_to_register(*wanted, rules->nick_length, rules->utf8_names,
                                rules->reserved_names))
      return Registered::INVALID_NAME;
    if (!msg.email().empty() && msg.email() != "*" && !mail::parse_address(msg.email()))
      return Registered::INVALID_EMAIL;
    if (is_weak(msg.password(), *wanted, rules->min_password))
      return Registered::WEAK_PASSWORD;
    return Registered::OK;
  }();
  if (refusal != Registered::OK) {
    end_registration(promise, refusal);
    return promise;
  }
  auto with_owner = [this, promise, msg](sql::account fresh,
                                         result<std::optional<std::int64_t>> owner) mutable {
    if (!owner)
      return end_registration(promise, Registered::TEMPORARY);
    if (*owner)
      return end_registration(promise, Registered::EXISTS);
    make_account(msg, std::move(fresh), promise);
  };
  auto with_address = [this, promise, with_owner](sql::account fresh,
                                                  const result<sql::destination>& where) mutable {
    if (where || where.error().code != errc::not_found)
      return end_registration(promise, where ? Registered::EXISTS : Registered::TEMPORARY);
    auto nick = fresh.local;
    auto then = [with_owner, fresh](result<std::optional<std::int64_t>> owner) mutable {
      with_owner(std::move(fresh), std::move(owner));
    };
    parts->chat.owner(
      nick, resume<std::optional<std::int64_t>>(self, limits, store_timeout, std::move(then)));
  };
  auto with_domains = [this, promise, local = *wanted,
                       with_address](result<std::vector<std::string>> domains) mutable {
    if (!domains || domains->empty())
      return end_registration(promise, Registered::TEMPORARY);
    auto fresh = fresh_account(local, domains->front());
    auto then = [with_address, fresh](const result<sql::destination>& where) mutable {
      with_address(std::move(fresh), where);
    };
    parts->accounts.resolve(fresh.local, fresh.domain,
                            resume<sql::destination>(self, limits, store_timeout, std::move(then)),
                            "");
  };
  parts->accounts.domains(
    resume<std::vector<std::string>>(self, limits, store_timeout, std::move(with_domains)));
  return promise;
}

void account_state::end_registration(registering promise, Registered::Verdict why) {
  registrations.at(why).add();
  Registered answer;
  answer.set_verdict(why);
  promise.deliver(std::move(answer));
}

void account_state::make_account(const account::v1::Register& msg, sql::account fresh,
                                 registering promise) {
  if (!parts->registrations->take(guesser_of(msg.client()), now()))
    return end_registration(promise, Registered::THROTTLED);
  auto rules = parts->rules->get();
  if (rules->registration == config::registration::approval)
    fresh.status = sql::account_status::disabled;
  auto then = [this, fresh, promise](result<sql::credential> made) mutable {
    if (!made)
      return end_registration(promise, Registered::TEMPORARY);
    fresh.password = std::move(*made);
    keep_account(std::move(fresh), promise);
  };
  auto done = resume<sql::credential>(self, limits, hash_timeout, std::move(then));
  auto job = [password = mail::prepared_password(msg.password()), salt = fresh.scram_salt,
              iterations = fresh.scram_iterations, cost = rules->cost,
              done] { done(credential_of(password, salt, iterations, cost)); };
  if (!parts->workers->submit(std::move(job)))
    done(fail(errc::busy, "too many logins at once"));
}

void account_state::keep_account(sql::account fresh, registering promise) {
  auto then = [this, fresh, promise](const result<std::int64_t>& id) mutable {
    if (!id)
      return end_registration(promise, id.error().code == errc::already_exists
                                         ? Registered::EXISTS
                                         : Registered::TEMPORARY);
    auto waits = fresh.status == sql::account_status::disabled;
    Registered answer;
    answer.set_verdict(waits ? Registered::NEEDS_APPROVAL : Registered::OK);
    registrations.at(answer.verdict()).add();
    if (!waits) {
      answer.set_account_id(*id);
      answer.set_chat_name(fresh.local);
      answer.set_address(mail::address{fresh.local, fresh.domain}.text());
    }
    promise.deliver(std::move(answer));
  };
  parts->accounts.create(fresh, resume<std::int64_t>(self, limits, store_timeout, std::move(then)));
}

// -- a new password -----------------------------------------------------------

std::function<void(result<void_t>)> account_state::tell_change(changing promise) {
  auto then = [promise](const result<void_t>& done) mutable {
    Changed answer;
    answer.set_verdict(Changed::OK);
    if (!done)
      switch (done.error().code) {
      case errc::not_found: answer.set_verdict(Changed::NOT_FOUND); break;
      case errc::already_exists: answer.set_verdict(Changed::EXISTS); break;
      case errc::over_quota: answer.set_verdict(Changed::TOO_MANY); break;
      case errc::bad_request: answer.set_verdict(Changed::INVALID); break;
      default: answer.set_verdict(Changed::TEMPORARY); break;
      }
    promise.deliver(std::move(answer));
  };
  return resume<void_t>(self, limits, store_timeout, std::move(then));
}

void account_state::end_change(changing promise, Changed::Verdict why) {
  Changed answer;
  answer.set_verdict(why);
  promise.deliver(std::move(answer));
}

caf::result<Changed> account_state::set_password(const account::v1::SetPassword& msg) {
  auto promise = owe<Changed>(self);
  if (parts->guard->is_throttled(guesser_of(msg.client()), guessed_name(msg.account_id()), now())) {
    end_change(promise, Changed::THROTTLED);
    return promise;
  }
  auto then = [this, msg, promise](result<maybe_login> login) mutable {
    if (!login || !*login)
      return end_change(promise, login ? Changed::NOT_FOUND : Changed::TEMPORARY);
    change_password(msg, **login, promise);
  };
  parts->accounts.find_login(msg.account_id(),
                             resume<maybe_login>(self, limits, store_timeout, std::move(then)));
  return promise;
}

void account_state::change_password(const account::v1::SetPassword& msg, const sql::login& login,
                                    changing promise) {
  auto rules = parts->rules->get();
  if (is_weak(msg.new_password(), login.who.local, rules->min_password))
    return end_change(promise, Changed::WEAK_PASSWORD);
  using maybe_made = std::optional<sql::credential>; // nullopt: the old one is wrong
  auto then = [this, msg, promise](result<maybe_made> made) mutable {
    if (!made)
      return end_change(promise, Changed::TEMPORARY);
    if (!*made) {
      parts->guard->failed(guesser_of(msg.client()), guessed_name(msg.account_id()),
                           crypto::hmac_sha256(guess_key, msg.old_password()), now());
      return later([this, promise] { end_change(promise, Changed::WRONG_PASSWORD); });
    }
    parts->accounts.set_password(msg.account_id(), std::move(**made), tell_change(promise));
  };
  auto done = resume<maybe_made>(self, limits, hash_timeout, std::move(then));
  auto job = [stored = login.who.password ? login.who.password->argon2id : parts->dummy,
              has_password = login.who.password.has_value(), salt = login.who.scram_salt,
              iterations = login.who.scram_iterations, cost = rules->cost,
              before = mail::prepared_password(msg.old_password()),
              after = mail::prepared_password(msg.new_password()), done] {
    if (!crypto::verify_password(stored, before) || !has_password)
      return done(maybe_made{});
    done(credential_of(after, salt, iterations, cost).map([](sql::credential x) {
      return maybe_made{std::move(x)};
    }));
  };
  if (!parts->workers->submit(std::move(job)))
    done(fail(errc::busy, "too many logins at once"));
}

} // namespace hamlet
