// SPDX-License-Identifier: Apache-2.0
#include "gateway/irc/account_verbs.hpp"

#include "gateway/irc/login.hpp"
#include "gateway/irc/registration.hpp"

namespace hamlet::irc {

namespace {

using account::v1::Registered;

struct refusal_text {
  std::string_view code, text;
};

/// draft/account-registration, Errors.
refusal_text words_for(Registered::Verdict x) {
  switch (x) {
  case Registered::EXISTS: return {"ACCOUNT_EXISTS", "The name is taken"};
  case Registered::INVALID_NAME:
    return {"BAD_ACCOUNT_NAME", "That cannot be the name of an account"};
  case Registered::WEAK_PASSWORD: return {"WEAK_PASSWORD", "The password is too short"};
  case Registered::INVALID_EMAIL: return {"INVALID_EMAIL", "That is no mail address"};
  case Registered::CLOSED: return {"DISALLOWED", "Accounts are made by the administrator here"};
  case Registered::THROTTLED:
    return {"TEMPORARILY_UNAVAILABLE", "Too many accounts were made: try again later"};
  default: return {"TEMPORARILY_UNAVAILABLE", "That does not work now: try again later"};
  }
}

void on_registered(machine& m, const std::string& name, const Registered& r) {
  if (r.verdict() == Registered::NEEDS_APPROVAL)
    return m.say({.tags = {},
                  .source = m.rules().server_name,
                  .command = "REGISTER",
                  .params = {"VERIFICATION_REQUIRED", r.chat_name().empty() ? name : r.chat_name(),
                             "The account is made; an administrator has to approve it"},
                  .colon = true});
  if (r.verdict() != Registered::OK) {
    auto words = words_for(r.verdict());
    return m.fail("REGISTER", words.code, {name}, words.text);
  }
  m.say({.tags = {},
         .source = m.rules().server_name,
         .command = "REGISTER",
         .params = {"SUCCESS", r.chat_name(), "The account is yours"},
         .colon = true});
  auth::identity who;
  who.account_id = r.account_id();
  who.chat_name = r.chat_name();
  logged_in(m, who, [](machine&, bool) {});
}

} // namespace

bool registers_early(const policy& rules) {
  return rules.settings.chat.registers_before_connect.value && !rules.needs_password;
}

/// draft/account-registration.
void verb_register(machine& m, const message& x) {
  if (!m.is_registered() && !registers_early(m.rules()))
    return m.fail("REGISTER", "COMPLETE_CONNECTION_REQUIRED", {}, "Finish connecting first");
  if (m.me().account_id() != 0)
    return m.fail("REGISTER", "ALREADY_AUTHENTICATED", {m.me().account()},
                  "You are logged in already");
  if (m.nick_or_star() == "*")
    return m.fail("REGISTER", "NEED_NICK", {"*"}, "Choose a nick first");
  auto name = x.params[0] == "*" ? m.nick_or_star() : x.params[0];
  if (m.chat().needs_tls_for_login.value && !is_private(m))
    return m.fail("REGISTER", "DISALLOWED", {name}, "Passwords are taken only over TLS");
  account::v1::Register wish;
  wish.set_name(name);
  wish.set_email(x.params[1]);
  wish.set_password(x.params[2]);
  wish.set_protocol(account::v1::IRC);
  wish.set_client(m.from().address);
  m.ask(account_request{std::move(wish)}, [name](machine& me, const account_reply& r) {
    auto* done = std::get_if<Registered>(&r);
    if (!done)
      return me.fail("REGISTER", "TEMPORARILY_UNAVAILABLE", {name},
                     "That does not work now: try again later");
    on_registered(me, name, *done);
  });
}

/// Nothing is sent by mail here, so there is no code to come back with.
void verb_verify(machine& m, const message& x) {
  if (!m.is_registered() && !registers_early(m.rules()))
    return m.fail("VERIFY", "COMPLETE_CONNECTION_REQUIRED", {}, "Finish connecting first");
  if (m.me().account_id() != 0)
    return m.fail("VERIFY", "ALREADY_AUTHENTICATED", {m.me().account()},
                  "You are logged in already");
  m.fail("VERIFY", "INVALID_CODE", {x.params[0].substr(0, 64)}, "There is nothing to verify");
}

} // namespace hamlet::irc
