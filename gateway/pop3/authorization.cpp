// SPDX-License-Identifier: Apache-2.0
#include "gateway/pop3/machine.hpp"
#include "lib/base/overload.hpp"
#include "lib/text/ascii.hpp"
#include "lib/text/base64.hpp"

#include <algorithm>
#include <utility>

// The AUTHORIZATION state: RFC 1939 §4 and §7, RFC 2595 §4, RFC 5034, RFC 6856 §2.

namespace hamlet::pop3 {

namespace {

bool is_hex_digit(char x) {
  auto y = ascii::lower(x);
  return ascii::is_digit(x) || (y >= 'a' && y <= 'f');
}

} // namespace

// RFC 1939 §7. Every name is welcome: who exists is nobody's business.
void machine::cmd_user(words w, effects& out) {
  if (!accepts_passwords())
    return bad_command(text::needs_tls, out);
  name_ = w[0];
  say_ok(text::password_please, out);
}

// RFC 1939 §7: blanks are part of the password.
void machine::cmd_pass(words w, effects& out) {
  if (!accepts_passwords())
    return bad_command(text::needs_tls, out);
  if (name_.empty())
    return bad_command(text::user_first, out);
  ask(sasl::check_password{{}, std::exchange(name_, {}), std::string{w[0]}}, out);
}

// RFC 1939 §7: 16 octets in hexadecimal.
void machine::cmd_apop(words w, effects& out) {
  if (!policy_.offers_apop)
    return bad_command(text::no_apop, out);
  if (w[1].size() != 32 || !std::ranges::all_of(w[1], is_hex_digit))
    return bad_command(text::syntax, out, {"APOP name digest"});
  ask(auth::check_apop{std::string{w[0]}, timestamp_, ascii::lowered(w[1])}, out);
}

// RFC 2595 §4: no password in the clear; RFC 5802 §6: -PLUS where there is a channel to bind to.
std::vector<sasl::mechanism> machine::usable_mechanisms() const {
  std::vector<sasl::mechanism> usable;
  bool can_bind = channel_.is_tls && channel_.binding != sasl::channel_binding{};
  if (can_bind)
    usable.push_back(sasl::mechanism::scram_sha_256_plus);
  usable.push_back(sasl::mechanism::scram_sha_256);
  if (accepts_passwords())
    usable.push_back(sasl::mechanism::plain);
  return usable;
}

// RFC 5034 §4. Without arguments it lists the mechanisms, which RFC 5034 leaves to CAPA; older
// Outlooks and Eudora ask this way.
void machine::cmd_auth(words w, effects& out) {
  auto usable = usable_mechanisms();
  if (w.empty()) {
    say_ok(text::mechanisms, out);
    for (auto m : usable)
      send(std::string{to_string(m)} + "\r\n", out);
    return send(".\r\n", out);
  }
  auto m =
    std::ranges::find_if(usable, [&](auto x) { return ascii::same_word(to_string(x), w[0]); });
  if (m == usable.end()) {
    bool is_plain = ascii::same_word(w[0], to_string(sasl::mechanism::plain));
    return bad_command(is_plain ? text::needs_tls : text::no_mechanism, out);
  }
  std::optional<std::string> initial;
  if (w.size() == 2) {
    initial = w[1] == "=" ? std::string{} : base64::decode(w[1]); // RFC 5034 §4: "=" is empty
    if (!initial)
      return bad_command(text::bad_base64, out);
  }
  exchange_.emplace(*m, channel_.binding, nonce_ + std::to_string(++exchanges_));
  take(exchange_->start(initial), out);
}

// RFC 5034 §4: the client's answer to a challenge.
void machine::respond(std::string_view line, effects& out) {
  auto message = base64::decode(line);
  if (message)
    return take(exchange_->respond(*message), out);
  exchange_.reset();
  bad_command(line == "*" ? text::cancelled : text::bad_base64, out);
}

void machine::take(sasl::step s, effects& out) {
  auto done =
    overload{[&](sasl::challenge& x) { send("+ " + base64::encode(x.data) + "\r\n", out); },
             [&](sasl::check_password& x) { ask(std::move(x), out); },
             [&](sasl::want_salt& x) { ask(std::move(x), out); },
             [&](sasl::check_proof& x) { ask(std::move(x), out); },
             [&](sasl::check_certificate&) { bad_command(text::bad_response, out); }, // not offered
             [&](sasl::success) {
               exchange_.reset();
               who_ ? open_drop(out) : refuse_login(text::wrong_login, "AUTH", out);
             },
             [&](sasl::failure why) {
               exchange_.reset();
               switch (why) {
               case sasl::failure::cancelled: return bad_command(text::cancelled, out);
               case sasl::failure::bad_syntax: return bad_command(text::bad_response, out);
               case sasl::failure::temporary: return refuse_login(text::try_later, "SYS/TEMP", out);
               case sasl::failure::bad_credentials:
               case sasl::failure::bad_binding: return refuse_login(text::wrong_login, "AUTH", out);
               }
             }};
  std::visit(done, s);
}

void machine::ask(auth::question q, effects& out) {
  waits_for_ = question::auth;
  is_salt_ = std::holds_alternative<sasl::want_salt>(q);
  is_proof_ = std::holds_alternative<sasl::check_proof>(q);
  who_.reset();
  out.emplace_back(ask_auth{std::move(q)});
}

void machine::on_auth(const auth::answer& a, effects& out) {
  if (waits_for_ != question::auth)
    return;
  waits_for_ = question::none;
  bool is_right = a.result == auth::verdict::right && !is_salt_;
  if (is_right)
    who_ = a.who;
  switch (a.result) {
  case auth::verdict::locked:
    exchange_.reset();
    refuse_login(text::disabled, "AUTH", out);
    break;
  case auth::verdict::throttled:
  case auth::verdict::temporary:
    exchange_.reset();
    refuse_login(text::try_later, "SYS/TEMP", out);
    break;
  case auth::verdict::right:
  case auth::verdict::wrong:
    if (exchange_ && is_salt_)
      take(exchange_->on_salt(a.salt), out);
    else if (exchange_ && is_proof_)
      take(exchange_->on_proof(is_right ? std::optional{a.server_signature} : std::nullopt), out);
    else if (exchange_)
      take(exchange_->on_password(is_right), out);
    else
      is_right ? open_drop(out) : refuse_login(text::wrong_login, "AUTH", out);
  }
  resume(out);
}

// RFC 3206 §4: AUTH asks the user for other credentials, SYS/TEMP does not. Whatever was wrong
// with name, password or proof, the answer is the same.
void machine::refuse_login(text why, std::string_view code, effects& out) {
  refuse(why, out, code);
  if (++auth_failures_ >= policy_.max_auth_failures)
    close(out);
}

void machine::open_drop(effects& out) {
  waits_for_ = question::drop;
  out.emplace_back(open_maildrop{who_->account_id});
}

// RFC 2595 §4; RFC 6856 §2.1: never after UTF8.
void machine::cmd_stls(words, effects& out) {
  if (channel_.is_tls)
    return bad_command(text::tls_already, out);
  if (!policy_.offers_tls)
    return bad_command(text::no_tls, out);
  if (utf8_)
    return bad_command(text::tls_before_utf8, out);
  waits_for_ = question::tls;
  say_ok(text::begin_tls, out);
  out.emplace_back(start_tls{});
}

// RFC 2595 §4: all that the client said before is forgotten, the errors excepted.
void machine::on_secured(channel c, effects& out) {
  if (waits_for_ == question::farewell)
    return;
  channel_ = std::move(c);
  channel_.is_tls = true;
  language_ = language::english; // the name went with STLS itself
  if (waits_for_ != question::tls)
    return;
  waits_for_ = question::none;
  resume(out);
}

// RFC 6856 §2.1.
void machine::cmd_utf8(words, effects& out) {
  utf8_ = true;
  say_ok(text::utf8_mode, out);
}

} // namespace hamlet::pop3
