// SPDX-License-Identifier: Apache-2.0
#include "actors/chat/network_rules.hpp"
#include "gateway/irc/message_verbs.hpp"
#include "gateway/irc/registering.hpp"
#include "gateway/irc/user_verbs.hpp"
#include "lib/irc/format.hpp"
#include "lib/text/utf8.hpp"

namespace hamlet::irc {

namespace {

void say_away(machine& m, bool is_away) {
  if (is_away)
    return m.reply(numeric::rpl_nowaway, {"You have been marked as being away"});
  m.reply(numeric::rpl_unaway, {"You are no longer marked as being away"});
}

/// draft/pre-away: the SESSION hears of it when there is one.
void away_at_entry(machine& m, std::string text) {
  if (!m.has(cap::pre_away))
    return m.reply(numeric::err_notregistered, {"You have not registered"});
  m.entry->wants_away = !text.empty();
  m.entry->away = std::move(text);
  say_away(m, m.entry->wants_away);
}

} // namespace

/// RFC 2812 §4.1. The others hear of it by FANOUT (IRCv3 away-notify).
void verb_away(machine& m, const message& x) {
  auto text = std::string{fitting(x.param(0), m.sizes().away_length.value)};
  if (!passes_filters(m, 'a', "AWAY", text))
    return;
  if (m.entry)
    return away_at_entry(m, std::move(text));
  if (!m.allow(limit::away_changes))
    return m.reply(numeric::rpl_tryagain, {"AWAY", "Please wait a while and try again"});
  auto is_away = !text.empty();
  auto wish = m.request();
  wish.mutable_set_away()->set_is_pre_away(text == "*" && m.has(cap::pre_away));
  wish.mutable_set_away()->set_text(std::move(text));
  m.ask(std::move(wish), [is_away](machine& me, const chat::v1::Reply& r) {
    if (r.refusal() != chat::v1::NONE)
      return me.refuse(r, "AWAY");
    if (r.has_who())
      me.set_me(r.who());
    say_away(me, is_away);
  });
}

/// IRCv3 setname. Who has the capability sees the SETNAME itself for an answer.
void verb_setname(machine& m, const message& x) {
  auto name = utf8::repaired(x.params[0]);
  if (name.empty() || name.size() > m.sizes().real_name_length.value)
    return m.fail("SETNAME", "INVALID_REALNAME", {}, "Realname is not valid");
  if (!m.allow(limit::nick_changes))
    return m.fail("SETNAME", "CANNOT_CHANGE_REALNAME", {}, "You change your names too fast");
  auto wish = m.request();
  wish.mutable_origin()->set_tag(m.label_tag());
  wish.mutable_set_real_name()->set_text(name);
  m.ask(std::move(wish), [](machine& me, const chat::v1::Reply& r) {
    if (r.refusal() != chat::v1::NONE)
      return me.fail("SETNAME", "CANNOT_CHANGE_REALNAME", {}, "The realname cannot be changed now");
    if (r.has_who())
      me.set_me(r.who());
    if (me.has(cap::setname))
      me.answered_by_event();
  });
}

} // namespace hamlet::irc
