// SPDX-License-Identifier: Apache-2.0
#include "gateway/irc/login.hpp"

#include "gateway/irc/registering.hpp"
#include "gateway/irc/registration.hpp"
#include "lib/base/network.hpp"
#include "lib/base/overload.hpp"
#include "lib/text/ascii.hpp"

#include <algorithm>

namespace hamlet::irc {

namespace {

void proceed(machine& m, sasl::step next);

/// The exchange is over, and nobody is logged in.
void end(machine& m, numeric what, std::string_view text) {
  m.login.reset();
  m.reply(what, {std::string{text}});
  if (m.login_failures >= m.limits().login_failures.value)
    return m.hang_up("Too many failed logins");
  if (m.entry)
    try_to_register(m);
}

void fail_login(machine& m, sasl::failure why) {
  switch (why) {
  case sasl::failure::cancelled:
    return end(m, numeric::err_saslaborted, "SASL authentication aborted");
  case sasl::failure::temporary:
    return end(m, numeric::err_saslfail, "SASL authentication failed: try again later");
  case sasl::failure::bad_credentials:
  case sasl::failure::bad_syntax:
  case sasl::failure::bad_binding:
    return end(m, numeric::err_saslfail, "SASL authentication failed");
  }
}

/// What the ACCOUNT said goes to the exchange.
void on_verdict(machine& m, const auth::answer& a, bool asked_for_salt, bool asked_for_proof) {
  if (!m.login)
    return;
  if (a.result == auth::verdict::temporary || a.result == auth::verdict::throttled)
    return fail_login(m, sasl::failure::temporary);
  if (a.result == auth::verdict::locked) // the password was right, so it is no secret
    return end(m, numeric::err_nicklocked, "Your account is disabled");
  auto& exchange = m.login->exchange;
  if (asked_for_salt)
    return proceed(m, exchange.on_salt(a.salt));
  bool right = a.result == auth::verdict::right;
  if (right)
    m.login->who = a.who;
  else
    ++m.login_failures;
  if (asked_for_proof)
    return proceed(m, exchange.on_proof(right ? std::optional{a.server_signature} : std::nullopt));
  proceed(m, exchange.on_password(right));
}

void ask_account(machine& m, auth::question what, bool salt = false, bool proof = false) {
  m.ask(std::move(what),
        [salt, proof](machine& me, const auth::answer& a) { on_verdict(me, a, salt, proof); });
}

void send_chunks(machine& m, std::string_view data) {
  for (auto& chunk : split_sasl(data))
    m.say({.tags = {}, .source = {}, .command = "AUTHENTICATE", .params = {chunk}});
}

void proceed(machine& m, sasl::step next) {
  std::visit(overload{
               [&](const sasl::challenge& x) { send_chunks(m, x.data); },
               [&](const sasl::check_password& x) { ask_account(m, x); },
               [&](const sasl::want_salt& x) { ask_account(m, x, true); },
               [&](const sasl::check_proof& x) { ask_account(m, x, false, true); },
               [&](const sasl::check_certificate& x) {
                 ask_account(m, auth::check_certificate{x.authzid, m.security().certificate});
               },
               [&](const sasl::success&) {
                 auto who = m.login->who;
                 m.login.reset();
                 logged_in(m, who, [](machine& me, bool is_in) {
                   if (!is_in)
                     return fail_login(me, sasl::failure::temporary);
                   me.reply(numeric::rpl_saslsuccess, {"SASL authentication successful"});
                   if (me.entry)
                     try_to_register(me);
                 });
               },
               [&](sasl::failure why) { fail_login(m, why); },
             },
             next);
}

bool is_usable(const machine& m, sasl::mechanism x) {
  auto all = usable_mechanisms(m);
  return std::ranges::find(all, sasl::to_string(x)) != all.end();
}

void begin(machine& m, std::string_view name) {
  auto wanted = sasl::mechanism_named(name);
  if (!wanted || !is_usable(m, *wanted)) {
    std::string list;
    for (auto& x : usable_mechanisms(m))
      list += (list.empty() ? "" : ",") + x;
    m.reply(numeric::rpl_saslmechs, {list.empty() ? "*" : list, "are available SASL mechanisms"});
    return m.reply(numeric::err_saslfail, {"SASL authentication failed"});
  }
  m.login = std::make_unique<sasl_state>(
    sasl_state{sasl::exchange{*wanted, m.security().binding, m.fresh_nonce()}});
  // The initial response comes in the next line (sasl-3.1); the first challenge is empty.
  m.say({.tags = {}, .source = {}, .command = "AUTHENTICATE", .params = {"+"}});
}

} // namespace

void verb_authenticate(machine& m, const message& x) {
  if (!m.has(cap::sasl))
    return m.reply(numeric::err_unknowncommand,
                   {"AUTHENTICATE", "Ask for the capability sasl first"});
  auto& text = x.params[0];
  if (text == "*")
    return fail_login(m, sasl::failure::cancelled);
  if (!m.login) {
    if (m.me().account_id() != 0 && m.entry)
      return m.reply(numeric::err_saslalready, {"You have already authenticated using SASL"});
    return begin(m, ascii::raised(text));
  }
  switch (m.login->input.add(text)) {
  case sasl_chunks::step::more: return;
  case sasl_chunks::step::aborted: return fail_login(m, sasl::failure::cancelled);
  case sasl_chunks::step::bad: return proceed(m, sasl::failure::bad_syntax);
  case sasl_chunks::step::too_long:
    return end(m, numeric::err_sasltoolong, "SASL message too long");
  case sasl_chunks::step::done: break;
  }
  auto bytes = m.login->input.take();
  if (!std::exchange(m.login->is_started, true))
    return proceed(m, m.login->exchange.start(bytes));
  proceed(m, m.login->exchange.respond(bytes));
}

std::vector<std::string> usable_mechanisms(const machine& m) {
  return usable_mechanisms(m, m.rules());
}

std::vector<std::string> usable_mechanisms(const machine& m, const policy& rules) {
  std::vector<std::string> all;
  auto add = [&](sasl::mechanism x) { all.emplace_back(sasl::to_string(x)); };
  if (is_private(m) || !rules.settings.chat.needs_tls_for_login.value)
    add(sasl::mechanism::plain);
  add(sasl::mechanism::scram_sha_256);
  if (m.security().binding != sasl::channel_binding{})
    add(sasl::mechanism::scram_sha_256_plus);
  if (!m.security().certificate.empty())
    add(sasl::mechanism::external);
  return all;
}

bool is_private(const machine& m) {
  return m.security().is_tls || network::of("127.0.0.0/8")->contains(m.from().address)
         || m.from().address == "::1";
}

void log_in_by_pass(machine& m) {
  m.entry->has_tried_password = true;
  auto& given = m.entry->password;
  auto colon = given.find(':');
  if (!is_private(m) && m.chat().needs_tls_for_login.value) {
    m.notice("Your password was not looked at: log in over TLS");
    return try_to_register(m);
  }
  // account[/network]:password is how bouncers' clients write it.
  auto name = given.substr(0, colon);
  sasl::check_password what{{}, name.substr(0, name.find('/')), given.substr(colon + 1)};
  m.ask(auth::question{std::move(what)}, [](machine& me, const auth::answer& a) {
    if (a.result == auth::verdict::right)
      return logged_in(me, a.who, [](machine& then, bool) { try_to_register(then); });
    if (a.result == auth::verdict::temporary || a.result == auth::verdict::throttled)
      return me.hang_up("Logins do not work now: try again later");
    if (me.rules().needs_password) // that of the connection may have a colon in it
      return try_to_register(me);
    me.reply(numeric::err_passwdmismatch, {"Password incorrect"});
    me.hang_up("Bad password");
  });
}

namespace {

void say_logged_in(machine& m) {
  auto shown = m.me();
  if (m.entry)
    set_host(shown, m.rules(), m.from().address);
  auto user = m.entry ? m.entry->user.empty() ? "*" : m.entry->user : shown.user();
  auto& account = shown.account();
  m.reply(numeric::rpl_loggedin, {m.nick_or_star() + "!" + user + "@" + shown.host(), account,
                                  "You are now logged in as " + account});
}

} // namespace

void logged_in(machine& m, const auth::identity& who, std::function<void(machine&, bool)> then) {
  if (m.entry) {
    auto me = m.me();
    me.set_account_id(who.account_id);
    me.set_account(who.chat_name);
    m.set_me(std::move(me));
    say_logged_in(m);
    return then(m, true);
  }
  auto tag = m.open_reply();
  auto change = m.request();
  change.mutable_origin()->set_tag(tag);
  auto& identity = *change.mutable_set_identity();
  identity.set_change_account(true);
  identity.set_account_id(who.account_id);
  identity.set_account(who.chat_name);
  // What comes of it is heard before the answer to whatever the client sends next.
  m.ask(std::move(change), [then = std::move(then)](machine& me, const chat::v1::Reply& r) {
    if (r.refusal() != chat::v1::NONE)
      return then(me, false);
    me.set_me(r.who());
    say_logged_in(me);
    then(me, true);
  });
}

} // namespace hamlet::irc
