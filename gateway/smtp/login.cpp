// SPDX-License-Identifier: Apache-2.0
#include "gateway/smtp/machine.hpp"
#include "gateway/smtp/syntax.hpp"
#include "lib/base/overload.hpp"
#include "lib/text/base64.hpp"

#include <utility>

namespace hamlet::smtp {

// RFC 4954 §4.
void machine::cmd_auth(std::string_view arg, effects& out) {
  if (policy_.kind != service::submission)
    return refuse({502, "5.5.1 Members send on the submission port"}, out);
  if (!channel_.is_tls)
    return refuse({538, "5.7.11 Encryption required for authentication"}, out);
  if (!extended_ || who_) // nobody is in a transaction who is not logged in
    return refuse({503, who_ ? "5.5.1 You are logged in" : "5.5.1 Bad sequence of commands"}, out);
  auto [name, initial] = split(arg);
  auto which = sasl::mechanism_named(name);
  if (!which || *which == sasl::mechanism::external // no client shows us a certificate here
      || (*which == sasl::mechanism::scram_sha_256_plus
          && channel_.binding == sasl::channel_binding{}))
    return refuse({504, "5.5.4 Unknown mechanism"}, out);
  if (behind_ > 0) // the reply to this command is awaited
    return close({554, "5.5.0 Error: SMTP protocol synchronization"}, out);
  std::optional<std::string> message;
  if (!initial.empty()) {
    message = initial == "=" ? "" : base64::decode(initial);
    if (!message)
      return end_login({501, "5.5.2 Not base64"}, true, out);
  }
  exchange_.emplace(*which, channel_.binding, nonce_ + std::to_string(++logins_));
  do_step(exchange_->start(message ? std::optional<std::string_view>{*message} : std::nullopt),
          out);
}

/// A line of the client while mode::login.
void machine::respond(std::string_view line, effects& out) {
  if (is_out_of_sequence(out))
    return;
  mode_ = mode::commands;
  if (line == "*")
    return fail_login(sasl::failure::cancelled, out);
  auto message = base64::decode(line);
  if (!message)
    return end_login({501, "5.5.2 Not base64"}, true, out);
  do_step(exchange_->respond(*message), out);
}

void machine::do_step(sasl::step next, effects& out) {
  auto ask = [&](auto& x) {
    waits_for_ = question::auth;
    asked_auth_ = std::make_unique<auth::question>(x);
    out.emplace_back(ask_auth{std::move(x)});
  };
  std::visit(overload{
               [&](sasl::challenge& x) {
                 mode_ = mode::login;
                 say(out, {334, base64::encode(x.data)});
               },
               [&](sasl::check_password& x) { ask(x); },
               [&](sasl::want_salt& x) { ask(x); },
               [&](sasl::check_proof& x) { ask(x); },
               [&](sasl::check_certificate&) { fail_login(sasl::failure::bad_syntax, out); },
               [&](sasl::success&) {
                 who_ = std::exchange(proven_, std::nullopt);
                 end_login({235, "2.7.0 Authentication successful"}, false, out);
               },
               [&](sasl::failure x) { fail_login(x, out); },
             },
             next);
}

void machine::on_auth(const auth::answer& a, effects& out) {
  if (!answers(question::auth))
    return;
  auto asked = std::move(*std::exchange(asked_auth_, nullptr));
  auto is_right = a.result == auth::verdict::right;
  if (is_right && !std::holds_alternative<sasl::want_salt>(asked))
    proven_ = a.who; // counts when the exchange says success
  if (a.result == auth::verdict::throttled)
    end_login({454, "4.7.0 Too many failed logins, try again later"}, false, out);
  else if (a.result == auth::verdict::temporary)
    fail_login(sasl::failure::temporary, out);
  else if (std::holds_alternative<sasl::check_password>(asked))
    do_step(exchange_->on_password(is_right), out);
  else if (std::holds_alternative<sasl::check_proof>(asked))
    do_step(exchange_->on_proof(is_right ? std::optional{a.server_signature} : std::nullopt), out);
  else if (is_right)
    do_step(exchange_->on_salt(a.salt), out);
  else
    fail_login(sasl::failure::bad_credentials, out);
  go_on(out);
}

// RFC 4954 §6. Whatever was wrong with name, password or account: one answer.
void machine::fail_login(sasl::failure why, effects& out) {
  using enum sasl::failure;
  switch (why) {
  case cancelled: return end_login({501, "5.7.0 Authentication cancelled"}, false, out);
  case bad_syntax: return end_login({501, "5.5.2 Bad message for this mechanism"}, true, out);
  case temporary: return end_login({454, "4.7.0 Cannot check that now, try again"}, false, out);
  case bad_credentials:
  case bad_binding: break;
  }
  end_login({535, "5.7.8 Authentication failed"}, true, out);
}

void machine::end_login(const reply& r, bool counts, effects& out) {
  mode_ = mode::commands;
  exchange_.reset();
  proven_.reset();
  if (!counts || ++auth_failures_ < policy_.max_auth_failures)
    return refuse(r, out);
  say(out, r);
  close({421, "4.7.0 Too many failed logins"}, out);
}

} // namespace hamlet::smtp
