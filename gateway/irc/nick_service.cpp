// SPDX-License-Identifier: Apache-2.0
#include "gateway/irc/login.hpp"
#include "gateway/irc/registration.hpp"
#include "gateway/irc/service_commands.hpp"
#include "gateway/irc/stamps.hpp"
#include "lib/irc/casemap.hpp"
#include "lib/text/ascii.hpp"

#include <array>

namespace hamlet::irc {

namespace {

constexpr std::string_view self = "NickServ";

void tell(machine& m, std::string_view text) {
  m.notice(text, self);
}

bool may_say_password(machine& m) {
  if (is_private(m) || !m.chat().needs_tls_for_login.value)
    return true;
  tell(m, "Passwords are taken only over TLS");
  return false;
}

/// The words for what the ACCOUNT said of a change.
void tell_change(machine& m, const account_reply& r, std::string_view done) {
  using account::v1::Changed;
  auto* x = std::get_if<Changed>(&r);
  switch (x ? x->verdict() : Changed::TEMPORARY) {
  case Changed::OK: return tell(m, done);
  case Changed::WRONG_PASSWORD: return tell(m, "The password is wrong");
  case Changed::WEAK_PASSWORD: return tell(m, "The password is too short");
  case Changed::EXISTS: return tell(m, "That belongs to somebody else, or looks as if it did");
  case Changed::NOT_FOUND: return tell(m, "There is no such thing");
  case Changed::TOO_MANY: return tell(m, "You have as many as you may have");
  case Changed::INVALID: return tell(m, "That is not of the right form");
  case Changed::THROTTLED: return tell(m, "Too often: try again later");
  default: return tell(m, "That does not work now: try again later");
  }
}

void ask_change(machine& m, account_request what, std::string done) {
  m.ask(std::move(what), [done = std::move(done)](machine& me, const account_reply& r) {
    tell_change(me, r, done);
  });
}

// -- who one is -----------------------------------------------------------------------------------

void run_register(machine& m, const service_words& w) {
  if (m.me().account_id() != 0)
    return tell(m, "You are logged in as " + m.me().account() + " already");
  if (!may_say_password(m))
    return;
  account::v1::Register wish;
  wish.set_name(m.me().nick());
  wish.set_password(w[0]);
  wish.set_email(w.size() > 1 ? w[1] : "*");
  wish.set_protocol(account::v1::IRC);
  wish.set_client(m.from().address);
  m.ask(account_request{std::move(wish)}, [](machine& me, const account_reply& r) {
    using account::v1::Registered;
    auto* x = std::get_if<Registered>(&r);
    switch (x ? x->verdict() : Registered::TEMPORARY) {
    case Registered::OK: {
      tell(me, "The account " + x->chat_name() + " is yours; its mail address is " + x->address());
      auth::identity who;
      who.account_id = x->account_id();
      who.chat_name = x->chat_name();
      return logged_in(me, who, [](machine& now, bool is_in) {
        if (!is_in)
          tell(now, "You are not logged in: try again later");
      });
    }
    case Registered::NEEDS_APPROVAL:
      return tell(me, "The account is made; an administrator has to approve it");
    case Registered::EXISTS: return tell(me, "That name is taken");
    case Registered::INVALID_NAME: return tell(me, "That cannot be the name of an account");
    case Registered::WEAK_PASSWORD: return tell(me, "The password is too short");
    case Registered::INVALID_EMAIL: return tell(me, "That is no mail address");
    case Registered::CLOSED: return tell(me, "Accounts are made by the administrator here");
    case Registered::THROTTLED: return tell(me, "Too many accounts were made: try again later");
    default: return tell(me, "That does not work now: try again later");
    }
  });
}

void run_identify(machine& m, const service_words& w) {
  if (!may_say_password(m))
    return;
  // IDENTIFY password: of the account that has the nick's name.
  sasl::check_password what{{}, w.size() > 1 ? w[0] : m.me().nick(), w.back()};
  m.ask(auth::question{std::move(what)}, [](machine& me, const auth::answer& a) {
    if (a.result == auth::verdict::right)
      return logged_in(me, a.who, [](machine& now, bool is_in) {
        tell(now, is_in ? "You are logged in as " + now.me().account()
                        : "That does not work now: try again later");
      });
    if (a.result == auth::verdict::temporary)
      return tell(me, "That does not work now: try again later");
    if (++me.login_failures >= me.limits().login_failures.value)
      return me.hang_up("Too many failed logins");
    tell(me, a.result == auth::verdict::locked      ? "The account is disabled"
             : a.result == auth::verdict::throttled ? "Too many failures: try again later"
                                                    : "The account or the password is wrong");
  });
}

void run_logout(machine& m, const service_words&) {
  auto change = m.request();
  change.mutable_set_identity()->set_change_account(true);
  m.ask(std::move(change), [](machine& me, const chat::v1::Reply& r) {
    if (r.refusal() != chat::v1::NONE)
      return me.refuse(r);
    me.set_me(r.who());
    me.reply(numeric::rpl_loggedout, {me.me().nick() + "!" + me.me().user() + "@" + me.me().host(),
                                      "You are now logged out"});
  });
}

// -- nicks ----------------------------------------------------------------------------------------

/// Only what belongs to the account, or is used by it, may be taken away.
template <class Then>
void if_owner(machine& m, const std::string& nick, Then then) {
  auto other = m.rules().people->find(nick);
  if (!other)
    return tell(m, "Nobody is called " + nick);
  if (other->who.session_id() == m.session_id())
    return tell(m, "That is you");
  if (other->who.account_id() == m.me().account_id())
    return then(m, other);
  account::v1::OwnerOfNick question;
  question.set_nick(nick);
  question.set_account_id(m.me().account_id());
  m.ask(account_request{std::move(question)},
        [nick, other, then](machine& me, const account_reply& r) {
          auto* owner = std::get_if<account::v1::NickOwner>(&r);
          if (!owner || owner->account_id() != me.me().account_id())
            return tell(me, nick + " is not yours");
          then(me, other);
        });
}

void run_ghost(machine& m, const service_words& w) {
  if_owner(m, w[0], [](machine& me, const user_ref& other) {
    auto wish = me.request();
    wish.set_session_id(other->who.session_id());
    wish.mutable_kill()->set_reason("GHOST command used by " + me.me().nick());
    wish.mutable_kill()->set_by(me.me().nick());
    wish.mutable_kill()->set_silent_ghost(true);
    me.ask(std::move(wish), [nick = other->who.nick()](machine& then, const chat::v1::Reply& r) {
      tell(then, r.refusal() == chat::v1::NONE ? nick + " is gone" : nick + " was gone already");
    });
  });
}

void run_regain(machine& m, const service_words& w) {
  if_owner(m, w[0], [nick = w[0]](machine& me, const user_ref&) {
    auto wish = me.request();
    wish.mutable_set_nick()->set_nick(nick);
    wish.mutable_set_nick()->set_forced(true);
    me.ask(std::move(wish), [nick](machine& then, const chat::v1::Reply& r) {
      if (r.refusal() != chat::v1::NONE)
        return then.refuse(r, nick);
      then.set_me(r.who());
      tell(then, "You are " + nick + " again");
    });
  });
}

void run_group(machine& m, const service_words& w) {
  account::v1::GroupNick wish;
  wish.set_account_id(m.me().account_id());
  wish.set_nick(w.empty() ? m.me().nick() : w[0]);
  auto nick = wish.nick();
  ask_change(m, std::move(wish), nick + " belongs to your account now");
}

void run_ungroup(machine& m, const service_words& w) {
  account::v1::UngroupNick wish;
  wish.set_account_id(m.me().account_id());
  wish.set_nick(w[0]);
  ask_change(m, std::move(wish), w[0] + " belongs to nobody now");
}

void run_list(machine& m, const service_words&) {
  account::v1::ListNicks wish;
  wish.set_account_id(m.me().account_id());
  m.ask(account_request{std::move(wish)}, [](machine& me, const account_reply& r) {
    auto* all = std::get_if<account::v1::Nicks>(&r);
    if (!all)
      return tell(me, "That does not work now: try again later");
    tell(me, "Your nicks: " + me.me().account());
    for (auto& x : all->nick())
      tell(me, "  " + x.nick() + " (since " + time_text(x.added_ms()).substr(0, 10) + ")");
  });
}

void run_info(machine& m, const service_words& w) {
  account::v1::FindAccount wish;
  wish.set_chat_name(w.empty() ? m.me().account() : w[0]);
  auto name = wish.chat_name();
  if (name.empty())
    return tell(m, "You are not logged in");
  m.ask(account_request{std::move(wish)}, [name](machine& me, const account_reply& r) {
    auto* x = std::get_if<account::v1::AccountFound>(&r);
    if (!x || x->account_id() == 0)
      return tell(me, "There is no account " + name);
    tell(me, "Account " + x->chat_name()
               + (x->display_name().empty() ? "" : " (" + x->display_name() + ")")
               + (x->is_enabled() ? "" : ", disabled"));
    tell(me, "  made on " + time_text(x->created_at() * 1000).substr(0, 10));
  });
}

// -- settings -------------------------------------------------------------------------------------

void run_set(machine& m, const service_words& w) {
  auto what = ascii::lowered(w[0]);
  if (what == "password") {
    if (w.size() < 3)
      return tell(m, "Usage: SET PASSWORD <old> <new>");
    if (!may_say_password(m))
      return;
    account::v1::SetPassword wish;
    wish.set_account_id(m.me().account_id());
    wish.set_old_password(w[1]);
    wish.set_new_password(w[2]);
    wish.set_client(m.from().address);
    return ask_change(m, std::move(wish), "The password is changed, for mail and the site, too");
  }
  if (w.size() < 2)
    return tell(m, "Usage: SET <PASSWORD|PERSISTENCE|MAILNOTICE> <value>");
  if (what == "persistence") {
    auto wish = m.request();
    wish.mutable_set_option()->set_name("persistence");
    wish.mutable_set_option()->set_value(ascii::lowered(w[1]));
    return m.ask(std::move(wish), [](machine& me, const chat::v1::Reply& r) {
      tell(me, r.refusal() == chat::v1::NONE ? "Set" : "ON, OFF or DEFAULT");
    });
  }
  if (what == "mailnotice") {
    account::v1::SetChatSetting wish;
    wish.set_account_id(m.me().account_id());
    wish.set_name("mailnotice");
    wish.set_value(ascii::lowered(w[1]));
    return ask_change(m, std::move(wish), "Set");
  }
  tell(m, "Usage: SET <PASSWORD|PERSISTENCE|MAILNOTICE> <value>");
}

void run_cert(machine& m, const service_words& w) {
  auto what = ascii::raised(w[0]);
  auto fingerprint = w.size() > 1 ? ascii::lowered(w[1]) : m.security().certificate;
  std::erase(fingerprint, ':'); // as some programs write it
  if (what == "LIST") {
    account::v1::ListCertificates wish;
    wish.set_account_id(m.me().account_id());
    return m.ask(account_request{std::move(wish)}, [](machine& me, const account_reply& r) {
      auto* all = std::get_if<account::v1::Certificates>(&r);
      if (!all)
        return tell(me, "That does not work now: try again later");
      tell(me, std::to_string(all->certificate_size()) + " certificates log in to your account");
      for (auto& x : all->certificate())
        tell(me, "  " + x.fingerprint() + (x.name().empty() ? "" : " " + x.name()));
    });
  }
  if (fingerprint.empty())
    return tell(m, "Connect with a certificate, or say its SHA-256");
  if (what == "ADD") {
    account::v1::AddCertificate wish;
    wish.set_account_id(m.me().account_id());
    wish.set_fingerprint(fingerprint);
    wish.set_name(w.size() > 2 ? w[2] : "");
    return ask_change(m, std::move(wish), "This certificate logs in to your account now");
  }
  if (what == "DEL") {
    account::v1::RemoveCertificate wish;
    wish.set_account_id(m.me().account_id());
    wish.set_fingerprint(fingerprint);
    return ask_change(m, std::move(wish), "This certificate logs in no more");
  }
  tell(m, "Usage: CERT <ADD|DEL|LIST> [<fingerprint>]");
}

/// As scripts know it: 3 is logged in to an account that owns the nick, 1 is here, 0 is nobody.
void run_status(machine& m, const service_words& w) {
  auto nick = w.empty() ? m.me().nick() : w[0];
  auto other = m.rules().people->find(nick);
  bool owns = other && !other->who.account().empty();
  tell(m, "STATUS " + nick + " "
            + (!other ? "0"
               : owns ? "3"
                      : "1")
            + (owns ? " " + other->who.account() : ""));
}

constexpr std::array table{
  service_command{"REGISTER", "REGISTER <password> [<email>]",
                  "Makes an account of your nick: for chat, mail and the site.", 1, false,
                  run_register},
  service_command{"IDENTIFY", "IDENTIFY [<account>] <password>", "Logs you in.", 1, false,
                  run_identify},
  service_command{"LOGIN", "LOGIN <account> <password>", "The same as IDENTIFY.", 1, false,
                  run_identify},
  service_command{"LOGOUT", "LOGOUT", "You are nobody's account from then on.", 0, true,
                  run_logout},
  service_command{"GHOST", "GHOST <nick>", "Ends another session that uses your nick.", 1, true,
                  run_ghost},
  service_command{"REGAIN", "REGAIN <nick>", "Gives you your nick; who has it gets another.", 1,
                  true, run_regain},
  service_command{"RECOVER", "RECOVER <nick>", "The same as REGAIN.", 1, true, run_regain},
  service_command{"RELEASE", "RELEASE <nick>", "The same as GHOST.", 1, true, run_ghost},
  service_command{"GROUP", "GROUP [<nick>]", "The nick belongs to your account, too.", 0, true,
                  run_group},
  service_command{"UNGROUP", "UNGROUP <nick>", "The nick belongs to you no more.", 1, true,
                  run_ungroup},
  service_command{"LIST", "LIST", "Your nicks.", 0, true, run_list},
  service_command{"INFO", "INFO [<account>]", "What is known of an account.", 0, false, run_info},
  service_command{"SET", "SET <PASSWORD|PERSISTENCE|MAILNOTICE> <value>",
                  "PASSWORD <old> <new>; PERSISTENCE ON, OFF or DEFAULT: whether you stay here "
                  "without a client; MAILNOTICE ON or OFF.",
                  1, true, run_set},
  service_command{"CERT", "CERT <ADD|DEL|LIST> [<fingerprint>]",
                  "Certificates that log in to your account (SASL EXTERNAL).", 1, true, run_cert},
  service_command{"STATUS", "STATUS [<nick>]", "Whether a nick is here and logged in.", 0, false,
                  run_status},
};

} // namespace

std::span<const service_command> nick_service_commands() {
  return table;
}

} // namespace hamlet::irc
