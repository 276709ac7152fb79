// SPDX-License-Identifier: Apache-2.0
#include "gateway/irc/registration.hpp"

#include "actors/chat/network_rules.hpp"
#include "gateway/irc/account_verbs.hpp"
#include "gateway/irc/channel_verbs.hpp"
#include "gateway/irc/login.hpp"
#include "gateway/irc/message_verbs.hpp"
#include "gateway/irc/registering.hpp"
#include "gateway/irc/services.hpp"
#include "gateway/irc/verbs.hpp"
#include "lib/irc/casemap.hpp"
#include "lib/irc/cloak.hpp"
#include "lib/irc/format.hpp"
#include "lib/text/utf8.hpp"

#include <algorithm>
#include <array>

namespace hamlet::irc {

namespace {

void verb_pass(machine& m, const message& x) {
  if (x.params[0].size() <= 512)
    m.entry->password = x.params[0];
  m.entry->has_tried_password = false;
}

std::string clean_nick(machine& m, const message& x) {
  auto nick = std::string{x.param(0)};
  if (nick.size() > m.sizes().nick_length.value) // as most servers do, and clients expect
    nick.resize(fitting(nick, m.sizes().nick_length.value).size());
  return nick;
}

bool is_good_nick(machine& m, const std::string& nick) {
  if (is_valid_nick(nick, m.sizes().nick_length.value, m.chat().utf8_nicks.value))
    return true;
  m.reply(numeric::err_erroneusnickname, {nick.empty() ? "*" : nick, "Erroneous nickname"});
  return false;
}

/// NICK: RFC 2812 §3.1.2.
void verb_nick(machine& m, const message& x) {
  if (x.param(0).empty())
    return m.reply(numeric::err_nonicknamegiven, {"No nickname given"});
  auto nick = clean_nick(m, x);
  if (!is_good_nick(m, nick))
    return;
  auto is_reserved =
    service_named(nick) // nobody is to be taken for one of them
    || (!m.may(config::privilege::override_) && m.rules().rules->is_reserved_nick(fold(nick)));
  if (is_reserved)
    return m.reply(numeric::err_erroneusnickname, {nick, "Nickname is reserved"});
  if (m.entry) {
    // While nobody else has it the SESSION may still say no; here the client hears it at once.
    auto other = m.rules().people->find(nick);
    if (other && (m.me().account_id() == 0 || other->who.account_id() != m.me().account_id()))
      return m.reply(numeric::err_nicknameinuse, {nick, "Nickname is already in use"});
    m.entry->nick = std::move(nick);
    return try_to_register(m);
  }
  if (nick == m.me().nick())
    return;
  if (!m.allow(limit::nick_changes))
    return m.reply(numeric::err_nicktoofast, {nick, "Nick change too fast. Please wait a while"});
  auto wish = m.request();
  wish.mutable_set_nick()->set_nick(nick);
  wish.mutable_origin()->set_tag(m.label_tag());
  m.ask(std::move(wish), [nick](machine& me, const chat::v1::Reply& r) {
    if (r.refusal() != chat::v1::NONE)
      return me.refuse(r, nick);
    me.set_me(r.who());
    me.answered_by_event();
  });
}

/// USER: RFC 2812 §3.1.3.
void verb_user(machine& m, const message& x) {
  auto user = std::string{x.param(0)};
  if (user.size() >= m.sizes().user_length.value) // the '~' counts: USERLEN
    user.resize(m.sizes().user_length.value - 1);
  for (auto& c : user) // what stands in a mask must not make another one of it
    if (!is_valid_user(std::string_view{&c, 1}, 1))
      c = '_';
  if (user.empty() || x.param(3).empty())
    return m.reply(numeric::err_needmoreparams, {"USER", "Not enough parameters"});
  m.entry->user = "~" + user; // nobody was asked who owns the connection: RFC 1413 is not used
  // What others keep of a user is UTF-8, also where messages need not be.
  m.entry->real_name =
    std::string{fitting(utf8::repaired(x.param(3)), m.sizes().real_name_length.value)};
  try_to_register(m);
}

/// QUIT: RFC 2812 §3.1.7.
void verb_quit(machine& m, const message& x) {
  auto why = std::string{fitting(x.param(0), m.sizes().kick_length.value)};
  if (!m.is_registered())
    return m.hang_up(why.empty() ? "Client quit" : "Quit: " + why);
  if (!passes_filters(m, 'q', "QUIT", why))
    why.clear();
  m.leave(why.empty() ? "Quit" : "Quit: " + why);
}

/// PING: RFC 2812 §3.7.2.
void verb_ping(machine& m, const message& x) {
  if (x.param(0).empty())
    return m.reply(numeric::err_noorigin, {"No origin specified"});
  m.say({.tags = {},
         .source = m.rules().server_name,
         .command = "PONG",
         .params = {m.rules().server_name, std::string{x.param(0)}},
         .colon = true});
}

void verb_pong(machine&, const message&) {
  // That something came is all that counts.
}

/// IRCv3 webirc: "secure" and "secure=anything" are the same.
bool has_option(std::string_view options, std::string_view name) {
  auto all = list_of(options, ' ');
  return std::ranges::any_of(all,
                             [&](auto& word) { return word.substr(0, word.find('=')) == name; });
}

/// WEBIRC password gateway host address [:options].
void verb_webirc(machine& m, const message& x) {
  if (!m.entry->nick.empty() || !m.entry->user.empty() || m.entry->is_negotiating)
    return m.hang_up("WEBIRC must come first");
  auto given = ip_address::of(x.params[3]);
  if (!given)
    return m.hang_up("WEBIRC without an address");
  auto question = m.request();
  auto& check = *question.mutable_check_gateway();
  check.set_password(x.params[0]);
  check.set_address(m.from().address);
  check.set_certificate(m.security().certificate);
  auto is_secure = has_option(x.param(4), "secure");
  m.ask(
    std::move(question),
    [address = given->text(), is_secure](machine& me, const chat::v1::Reply& r) {
      if (r.refusal() == chat::v1::FAILED)
        return me.hang_up("The server is busy: try again");
      if (r.refusal() != chat::v1::NONE)
        return me.hang_up("WEBIRC is not for you");
      // IRCv3 webirc: secure only if both ways are.
      me.came_from(address, me.security().is_tls && is_secure);
    },
    ask::owner::network);
}

void verb_error(machine&, const message&) {
  // Of a server that takes us for one: RFC 2812 §3.7.4.
}

constexpr std::array verbs{
  verb{"PASS", verb_pass, 1, phase::before, "PASS <password>: of the server, or account:password"},
  verb{"NICK", verb_nick, 0, phase::always, "NICK <nick>: changes your nickname"},
  verb{"USER", verb_user, 4, phase::before, "USER <user> 0 * :<real name>"},
  verb{"QUIT", verb_quit, 0, phase::always, "QUIT [:<reason>]: says goodbye"},
  verb{"PING", verb_ping, 0, phase::always, "PING <token>: is answered by PONG"},
  verb{"PONG", verb_pong, 0, phase::always, ""},
  verb{"WEBIRC", verb_webirc, 4, phase::before, ""},
  verb{"ERROR", verb_error, 0, phase::always, ""},
  verb{"CAP", verb_cap, 1, phase::always, "CAP LS|LIST|REQ|END: capabilities of IRCv3"},
  verb{"AUTHENTICATE", verb_authenticate, 1, phase::always,
       "AUTHENTICATE <mechanism>: logs in by SASL"},
  verb{"REGISTER", verb_register, 3, phase::always,
       "REGISTER <account|*> <email|*> <password>: makes an account"},
  verb{"VERIFY", verb_verify, 2, phase::always, ""},
};

} // namespace

std::span<const verb> registration_verbs() {
  return verbs;
}

void begin_registration(machine& m) {
  m.entry->give_up_at = m.now().at + m.limits().registration_timeout.value;
  if (auto why = m.rules().rules->dline_for(m.from().address, m.now().wall_ms))
    m.refuse_banned(*why);
}

bool may_receive(machine& m, std::size_t octets) {
  if (m.from().is_exempt || octets <= m.limits().before_registration.value)
    return true;
  m.hang_up_flooder("Too much before registration");
  return false;
}

bool is_foreign_octet(char first) {
  return static_cast<unsigned char>(first) < ' ' && first != '\r' && first != '\n';
}

bool is_foreign_protocol(const message& x) {
  constexpr std::array<std::string_view, 9> words{"GET",     "POST", "HEAD", "PUT",   "OPTIONS",
                                                  "CONNECT", "EHLO", "HELO", "DELETE"};
  for (auto word : words)
    if (x.command == word)
      return true;
  return x.command.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != std::string::npos;
}

void set_host(chat::v1::Who& who, const policy& rules, const std::string& address) {
  who.clear_former_hosts();
  auto known = ip_address::of(address);
  if (!known || !rules.cloaks) // a ':' begins the last parameter
    return who.set_host(address.starts_with(':') ? "0" + address : address);
  auto all = rules.cloaks->all(*known);
  who.set_host(all.front());
  who.mutable_former_hosts()->Assign(all.begin() + 1, all.end());
}

// -- the steps before 001 -------------------------------------------------------------------------

namespace {

void start_session(machine& m) {
  auto start = m.request();
  auto& who = *start.mutable_who();
  who.set_nick(m.entry->nick);
  who.set_user(m.entry->user);
  who.set_real_name(m.entry->real_name);
  set_host(who, m.rules(), m.from().address);
  auto& what = *start.mutable_start_session();
  what.set_connection_id(m.from().connection_id);
  what.set_may_resume(m.me().account_id() != 0);
  what.set_signon_ms(m.now().wall_ms);
  what.set_user_modes(m.security().is_tls ? "ixZ" : "ix");
  m.entry->is_starting = true;
  m.ask(std::move(start), [](machine& me, const chat::v1::Reply& r) {
    if (r.refusal() == chat::v1::FAILED) // it may begin all the same, later
      return me.hang_up("The server is busy: try again");
    me.entry->is_starting = false;
    if (r.refusal() != chat::v1::NONE) {
      auto nick = std::exchange(me.entry->nick, {});
      return me.refuse(r, nick);
    }
    welcome(me, r);
  });
}

void check_entry(machine& m) {
  chat::v1::Who who;
  set_host(who, m.rules(), m.from().address);
  auto banned = m.rules().rules->ban_for({m.entry->user,
                                          who.host(),
                                          m.from().address,
                                          m.me().account(),
                                          {who.former_hosts().begin(), who.former_hosts().end()}},
                                         m.now().wall_ms);
  if (banned)
    return m.refuse_banned(*banned);
  if (m.chat().needs_account.value && m.me().account_id() == 0) {
    m.fail("*", "ACCOUNT_REQUIRED", {}, "You must log in to an account to use this server");
    return m.hang_up("An account is required");
  }
  start_session(m);
}

void check_password(machine& m) {
  auto question = m.request();
  auto& who = *question.mutable_who();
  who.set_nick(m.entry->nick);
  who.set_user(m.entry->user);
  set_host(who, m.rules(), m.from().address);
  question.mutable_check_connection()->set_password(m.entry->password);
  m.ask(
    std::move(question),
    [](machine& me, const chat::v1::Reply& r) {
      switch (r.refusal()) {
      case chat::v1::NONE: return check_entry(me);
      case chat::v1::BANNED: return me.refuse_banned(r.detail());
      case chat::v1::NO_ACCESS:
        me.reply(numeric::err_passwdmismatch, {"Password incorrect"});
        return me.hang_up("Bad password");
      default: return me.hang_up("The server is busy: try again");
      }
    },
    ask::owner::network);
}

} // namespace

void try_to_register(machine& m) {
  auto& e = *m.entry;
  if (e.is_starting || e.nick.empty() || e.user.empty() || e.is_negotiating || m.login)
    return;
  // PASS account:password is how clients without SASL log in.
  if (m.me().account_id() == 0 && !e.has_tried_password && e.password.find(':') != e.password.npos)
    return log_in_by_pass(m);
  if (m.rules().needs_password && m.me().account_id() == 0) // members need none
    return check_password(m);
  check_entry(m);
}

} // namespace hamlet::irc
