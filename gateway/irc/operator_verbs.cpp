// SPDX-License-Identifier: Apache-2.0
#include "gateway/irc/operator_verbs.hpp"

#include "gateway/irc/lookups.hpp"
#include "gateway/irc/privileges.hpp"
#include "gateway/irc/verbs.hpp"
#include "lib/irc/format.hpp"
#include "lib/irc/glob.hpp"

#include <array>

namespace hamlet::irc {

namespace {

using config::privilege;

/// RFC 1459 §4.1.4: servers link elsewhere, a client does not become one.
void verb_server(machine& m, const message&) {
  m.reply(numeric::err_alreadyregistred, {"You may not reregister"});
}

/// 402 for another server; of this one there is no link to make or to cut.
void answer_link_order(machine& m, const message& x, std::string_view verb) {
  if (!needs(m, privilege::links))
    return;
  audit(m, verb, text_from(x, 0), "not done");
  if (!glob{x.params[0]}.matches(m.rules().server_name))
    return m.reply(numeric::err_nosuchserver, {x.params[0].substr(0, 64), "No such server"});
  m.notice("This network has one server");
}

void order(machine& m, control::what what, std::string_view verb) {
  audit_aloud(m, verb, "");
  m.give(control{what, m.me().nick() + " (" + m.me().operator_class() + ")"});
}

constexpr std::array table{
  verb{"OPER", verb_oper, 1, phase::after, "OPER <name> <password>: for those who run the network"},
  verb{"KILL", verb_kill, 2, phase::after, "KILL <nick> :<reason>: ends a connection"},
  verb{"WALLOPS", verb_wallops, 1, phase::after, "WALLOPS :<text>: to all with user mode w"},
  verb{"REHASH", verb_rehash, 0, phase::after, "REHASH: reads the settings again"},
  verb{"RESTART", verb_restart, 0, phase::after, "RESTART: of the server"},
  verb{"DIE", verb_die, 0, phase::after, "DIE: stops the server"},
  verb{"CONNECT", verb_connect, 1, phase::after, "CONNECT <server>: links to another server"},
  verb{"SQUIT", verb_squit, 1, phase::after, "SQUIT <server> :<reason>: cuts a link"},
  verb{"SERVER", verb_server, 0, phase::always, ""},
  verb{"KLINE", verb_kline, 1, phase::after,
       "KLINE [<minutes>] <user@host|nick> :<reason>[|<for operators>]"},
  verb{"UNKLINE", verb_unkline, 1, phase::after, "UNKLINE <user@host>"},
  verb{"DLINE", verb_dline, 1, phase::after, "DLINE [<minutes>] <address|range|nick> :<reason>"},
  verb{"UNDLINE", verb_undline, 1, phase::after, "UNDLINE <address|range>"},
  verb{"RESV", verb_resv, 1, phase::after, "RESV [<minutes>] <nick|channel> :<reason>"},
  verb{"UNRESV", verb_unresv, 1, phase::after, "UNRESV <nick|channel>"},
  verb{"FILTER", verb_filter, 0, phase::after,
       "FILTER [LIST], ADD <places> <action> <pattern> :<reason>, DEL <number>"},
  verb{"AUDIT", verb_audit, 0, phase::after, "AUDIT [<count>]: what operators did"},
  verb{"SAJOIN", verb_sajoin, 2, phase::after, "SAJOIN <nick> <channel>{,<channel>}"},
  verb{"SAPART", verb_sapart, 2, phase::after, "SAPART <nick> <channel>{,<channel>} [:<reason>]"},
  verb{"SAMODE", verb_samode, 2, phase::after, "SAMODE <channel|nick> <modes> [<parameters>]"},
  verb{"SANICK", verb_sanick, 2, phase::after, "SANICK <nick> <new nick>"},
  verb{"CHGHOST", verb_chghost, 2, phase::after, "CHGHOST <nick> [<user>@]<host>"},
};

} // namespace

/// RFC 2812 §3.7.1.
void verb_kill(machine& m, const message& x) {
  if (!needs(m, privilege::kill))
    return;
  auto& nick = x.params[0];
  auto user = m.rules().people->find(nick);
  if (!user && glob{nick}.matches(m.rules().server_name))
    return m.reply(numeric::err_cantkillserver, {"You can't kill a server!"});
  if (!user)
    return m.reply(numeric::err_nosuchnick, {nick, "No such nick"});
  auto reason = std::string{fitting(text_from(x, 1), m.sizes().kick_length.value)};
  auto wish = m.request();
  wish.set_session_id(user->who.session_id());
  wish.mutable_kill()->set_reason(reason);
  wish.mutable_kill()->set_by(m.me().nick());
  // Of itself: this connection ends when the SESSION says so, and waits for no answer.
  if (user->who.session_id() == m.session_id()) {
    audit_aloud(m, "KILL", nick + " :" + reason);
    return m.tell(std::move(wish));
  }
  m.ask(std::move(wish), [nick, reason](machine& me, const chat::v1::Reply& r) {
    if (r.refusal() == chat::v1::NO_SUCH_SESSION)
      return me.reply(numeric::err_nosuchnick, {nick, "No such nick"});
    if (r.refusal() != chat::v1::NONE)
      return void(audit_reply(me, r, "KILL", nick + " :" + reason, nick));
    audit_aloud(me, "KILL", nick + " :" + reason);
  });
}

/// RFC 2812 §4.7.
void verb_wallops(machine& m, const message& x) {
  if (!needs(m, privilege::notices))
    return;
  auto text = text_from(x, 0);
  if (text.empty())
    return m.reply(numeric::err_needmoreparams, {"WALLOPS", "Not enough parameters"});
  audit(m, "WALLOPS", text);
  auto wish = m.request();
  auto& event = *wish.mutable_announce()->mutable_event();
  *event.mutable_source() = m.me();
  event.set_to_operators("w");
  event.mutable_wallops()->set_text(text);
  m.tell(std::move(wish), ask::owner::network);
}

/// RFC 2812 §4.2.
void verb_rehash(machine& m, const message&) {
  if (!needs(m, privilege::reload))
    return;
  m.reply(numeric::rpl_rehashing, {"settings", "Rehashing"});
  order(m, control::what::reload, "REHASH");
}

/// RFC 2812 §4.4.
void verb_restart(machine& m, const message&) {
  if (needs(m, privilege::stop))
    order(m, control::what::restart, "RESTART");
}

/// RFC 2812 §4.3.
void verb_die(machine& m, const message&) {
  if (needs(m, privilege::stop))
    order(m, control::what::stop, "DIE");
}

/// RFC 2812 §3.4.7.
void verb_connect(machine& m, const message& x) {
  answer_link_order(m, x, "CONNECT");
}

/// RFC 2812 §3.1.8.
void verb_squit(machine& m, const message& x) {
  answer_link_order(m, x, "SQUIT");
}

std::span<const verb> operator_verbs() {
  return table;
}

} // namespace hamlet::irc
