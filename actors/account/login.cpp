// SPDX-License-Identifier: Apache-2.0
#include "actors/account/account.hpp"
#include "actors/resume.hpp"
#include "lib/base/clock.hpp"
#include "lib/base/worker_pool.hpp"
#include "lib/crypto/digest.hpp"
#include "lib/mail/names.hpp"
#include "lib/metrics/metrics.hpp"
#include "lib/sasl/scram.hpp"

using namespace std::chrono_literals;

// Login answers are alike for an unknown name and a wrong password, in text and in time: both
// cost one look into the store, one Argon2id, and the same delay.

namespace hamlet {

namespace {

constexpr auto mail_door = static_cast<std::uint8_t>(sql::door::mail);

metrics::counters logins{"hamlet_logins_total",
                         "Answers to name and password, or their kin.",
                         {"result", {"temporary", "right", "wrong", "locked", "throttled"}}};

sql::protocol protocol_of(account::v1::Protocol x) {
  switch (x) {
  case account::v1::POP3: return sql::protocol::pop3;
  case account::v1::IRC: return sql::protocol::irc;
  case account::v1::WEB: return sql::protocol::web;
  default: return sql::protocol::smtp;
  }
}

std::uint8_t door_of(account::v1::Protocol x) {
  switch (x) {
  case account::v1::IRC: return static_cast<std::uint8_t>(sql::door::chat);
  case account::v1::WEB: return static_cast<std::uint8_t>(sql::door::web);
  default: return mail_door;
  }
}

template <class Message>
login_attempt attempt(account_actor::pointer self, const Message& msg, std::string digest) {
  login_attempt who;
  if constexpr (requires { msg.name(); })
    who.name = msg.name();
  who.digest = std::move(digest);
  who.protocol = msg.protocol();
  who.client = guesser_of(msg.client());
  who.promise = owe<account::v1::LoginResult>(self);
  return who;
}

} // namespace

std::string device_seal_context(std::int64_t account_id) {
  return "device password of account " + std::to_string(account_id);
}

/// A name that cannot be one is looked up like any other and not found.
template <class Then>
void account_state::look_up(const std::string& login_name, Then then) {
  auto canonical = mail::login_name(login_name).value_or(mail::name_parts{});
  parts->accounts.find_login(std::move(canonical.local), std::move(canonical.domain),
                             resume<maybe_login>(self, limits, store_timeout, std::move(then)));
}

account_state::clock::time_point account_state::now() const {
  return self->clock().now();
}

bool account_state::is_throttled(const login_attempt& who) {
  return parts->guard->is_throttled(who.client, who.name, now());
}

caf::result<account_state::verdict>
account_state::check_password(const account::v1::CheckPassword& msg) {
  auto who = attempt(self, msg, crypto::hmac_sha256(guess_key, msg.password()));
  who.authzid = msg.authzid();
  auto answer = who.promise;
  if (is_throttled(who)) {
    fail_with(who, verdict::THROTTLED);
    return answer;
  }
  look_up(msg.name(), [this, who, password = msg.password()](result<maybe_login> login) mutable {
    if (!login)
      return fail_with(who, verdict::TEMPORARY);
    judge_password(std::move(who), std::move(*login), mail::prepared_password(password));
  });
  return answer;
}

void account_state::judge_password(login_attempt who, maybe_login login, std::string password) {
  std::string stored = parts->dummy;
  if (login) {
    for (auto& device : login->devices)
      if ((device.scope & door_of(who.protocol)) != 0
          && crypto::constant_time_equal(secret_of(device).value_or(""), password))
        return right(who, *login, device.id);
    if (login->who.password)
      stored = login->who.password->argon2id;
    if (verified->knows(login->who.id, stored, password, now()))
      return right(who, *login, 0);
  }
  auto then = [this, who, login, stored, password](result<bool> matches) {
    if (!matches)
      return fail_with(who, verdict::TEMPORARY);
    if (!*matches || !login || !login->who.password)
      return wrong(who);
    verified->remember(login->who.id, stored, password, parts->rules->get()->cache_ttl, now());
    right(who, *login, 0);
  };
  auto done = resume<bool>(self, limits, hash_timeout, std::move(then));
  auto job = [stored, password, done] { done(crypto::verify_password(stored, password)); };
  if (!parts->workers->submit(std::move(job)))
    done(fail(errc::busy, "too many logins at once"));
}

caf::result<account_state::verdict> account_state::salt_of(const account::v1::SaltOf& msg) {
  auto promise = owe<verdict>(self);
  auto then = [this, promise, name = msg.name()](result<std::vector<std::string>> domains) mutable {
    if (!domains || domains->empty())
      return settle(promise, result<verdict>{verdict{}}); // temporary
    tell_salt(name, domains->front(), promise);
  };
  parts->accounts.domains(
    resume<std::vector<std::string>>(self, limits, store_timeout, std::move(then)));
  return promise;
}

/// An account has one salt, in whatever case its name is written, with its domain or without it; a
/// name that nobody has must not be told apart by having many.
void account_state::tell_salt(const std::string& asked, const std::string& default_domain,
                              owed<verdict> promise) {
  auto canonical = mail::login_name(asked);
  auto unknown =
    canonical ? canonical->local + '@' + canonical->domain.value_or(default_domain) : asked;
  look_up(asked, [this, promise, unknown](result<maybe_login> login) mutable {
    verdict answer;
    if (!login)
      return settle(promise, result<verdict>{answer}); // temporary
    answer.set_verdict(verdict::RIGHT);
    answer.set_iterations(sasl::scram_iterations);
    if (*login && !(*login)->who.scram_salt.empty()) {
      answer.set_salt((*login)->who.scram_salt);
      answer.set_iterations(static_cast<std::uint32_t>((*login)->who.scram_iterations));
    } else {
      answer.set_salt(sasl::fake_salt(parts->key->derive("salts of unknown names"), unknown));
    }
    promise.deliver(std::move(answer));
  });
}

caf::result<account_state::verdict> account_state::check_proof(const account::v1::CheckProof& msg) {
  auto who = attempt(self, msg, {}); // a proof is never the same twice
  who.digest = crypto::hmac_sha256(guess_key, msg.proof());
  who.authzid = msg.authzid();
  auto answer = who.promise;
  if (is_throttled(who)) {
    fail_with(who, verdict::THROTTLED);
    return answer;
  }
  auto proves = [text = msg.auth_message(), proof = msg.proof()](const sql::credential& x) {
    return sasl::verify_proof({x.stored_key, x.server_key}, text, proof);
  };
  look_up(msg.name(), [this, who, proves](result<maybe_login> login) {
    if (!login)
      return fail_with(who, verdict::TEMPORARY);
    if (!*login)
      return wrong(who);
    auto& known = **login;
    if (known.who.password)
      if (auto signature = proves(*known.who.password))
        return right(who, known, 0, std::move(*signature));
    // The devices of an account share its salt, so that each password can be the one.
    for (auto& device : known.devices)
      if ((device.scope & door_of(who.protocol)) != 0)
        if (auto signature = proves(device.keys))
          return right(who, known, device.id, std::move(*signature));
    wrong(who);
  });
  return answer;
}

caf::result<account_state::verdict> account_state::check_apop(const account::v1::CheckApop& msg) {
  auto who = attempt(self, msg, crypto::hmac_sha256(guess_key, msg.digest()));
  auto answer = who.promise;
  if (is_throttled(who)) {
    fail_with(who, verdict::THROTTLED);
    return answer;
  }
  look_up(msg.name(),
          [this, who, stamp = msg.timestamp(), digest = msg.digest()](result<maybe_login> login) {
            if (!login)
              return fail_with(who, verdict::TEMPORARY);
            if (*login)
              for (auto& device : (*login)->devices) {
                auto secret = (device.scope & mail_door) != 0 ? secret_of(device) : std::nullopt;
                if (secret && crypto::constant_time_equal(crypto::md5_hex(stamp + *secret), digest))
                  return right(who, **login, device.id);
              }
            wrong(who);
          });
  return answer;
}

// RFC 4422 appendix A. The certificate says who it is; nobody is looked up by authzid.
caf::result<account_state::verdict>
account_state::check_certificate(const account::v1::CheckCertificate& msg) {
  auto who = attempt(self, msg, crypto::hmac_sha256(guess_key, msg.fingerprint()));
  who.name = "certificate " + msg.fingerprint();
  who.authzid = msg.authzid();
  auto answer = who.promise;
  if (is_throttled(who)) {
    fail_with(who, verdict::THROTTLED);
    return answer;
  }
  auto found = [this, who](result<maybe_login> login) {
    if (!login)
      return fail_with(who, verdict::TEMPORARY);
    if (!*login)
      return wrong(who);
    right(who, **login, 0);
  };
  auto then = [this, who, found](result<std::optional<std::int64_t>> owner) mutable {
    if (!owner)
      return fail_with(who, verdict::TEMPORARY);
    if (!*owner)
      return wrong(who);
    parts->accounts.find_login(**owner, resume<maybe_login>(self, limits, store_timeout, found));
  };
  parts->chat.find_certificate(msg.fingerprint(), resume<std::optional<std::int64_t>>(
                                                    self, limits, store_timeout, std::move(then)));
  return answer;
}

std::optional<std::string> account_state::secret_of(const sql::device& x) const {
  return parts->key->unseal(x.sealed, device_seal_context(x.account_id));
}

/// RFC 4616 §2: to act as somebody else is granted to nobody.
bool account_state::may_act_as(const login_attempt& who, const sql::login& login) const {
  if (who.authzid.empty() || who.authzid == who.name)
    return true;
  auto asked = mail::login_name(who.authzid);
  return asked && asked->local == login.who.local
         && asked->domain.value_or(login.who.domain) == login.who.domain;
}

void account_state::right(const login_attempt& who, const sql::login& login, std::int64_t device_id,
                          std::string signature) {
  if (!may_act_as(who, login))
    return wrong(who);
  if (login.who.status != sql::account_status::active)
    return fail_with(who, verdict::LOCKED);
  verdict answer;
  auto at = unix_seconds();
  parts->accounts.touch(login.who.id, protocol_of(who.protocol), at, [](const result<void_t>&) {});
  if (device_id != 0)
    parts->accounts.touch_device(device_id, at, [](const result<void_t>&) {});
  logins.at(verdict::RIGHT).add();
  answer.set_verdict(verdict::RIGHT);
  answer.set_account_id(login.who.id);
  answer.set_address(mail::address{login.who.local, login.who.domain}.text());
  answer.add_addresses(answer.address());
  for (auto& alias : login.aliases)
    answer.add_addresses(alias);
  answer.set_is_staff(login.who.rank != sql::role::member);
  answer.set_is_admin(login.who.rank == sql::role::admin);
  answer.set_chat_name(chat_name_of(login));
  answer.set_display_name(login.who.display_name);
  answer.set_server_signature(std::move(signature));
  login_attempt{who}.promise.deliver(std::move(answer));
}

void account_state::wrong(const login_attempt& who) {
  parts->guard->failed(who.client, who.name, who.digest, now());
  later([this, who] { fail_with(who, verdict::WRONG); });
}

/// What has to be said of a wrong password is said after a while.
void account_state::later(std::function<void()> say) {
  auto delay = parts->rules->get()->failure_delay;
  late_.push_back({now() + delay, std::move(say)});
  self->delayed_send(self, delay, caf::tick_atom_v);
}

void account_state::answer_late() {
  std::erase_if(late_, [&](late_answer& x) {
    if (x.due > now())
      return false;
    x.say();
    return true;
  });
}

void account_state::fail_with(const login_attempt& who, verdict::Verdict why) {
  logins.at(why).add();
  verdict answer;
  answer.set_verdict(why);
  login_attempt{who}.promise.deliver(std::move(answer));
}

} // namespace hamlet
