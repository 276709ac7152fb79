// SPDX-License-Identifier: Apache-2.0
#include "actors/chat/network_rules.hpp"
#include "gateway/irc/channel_verbs.hpp"
#include "gateway/irc/message_verbs.hpp"
#include "lib/irc/casemap.hpp"
#include "lib/irc/format.hpp"

namespace hamlet::irc {

namespace {

/// For verbs that are answered by their event alone.
void ask_for_event(machine& m, chat::v1::Request wish, std::string target) {
  wish.mutable_origin()->set_tag(m.label_tag());
  m.ask(std::move(wish), [target = std::move(target)](machine& me, const chat::v1::Reply& r) {
    if (r.refusal() != chat::v1::NONE)
      return me.refuse(r, target);
    me.answered_by_event();
  });
}

} // namespace

/// RFC 2812 §3.2.4.
void verb_topic(machine& m, const message& x) {
  auto name = x.params[0];
  if (!names_channel(m, name))
    return;
  auto wish = m.request(name);
  if (x.params.size() == 1) {
    wish.mutable_get_topic();
    return m.ask(std::move(wish), [name](machine& me, const chat::v1::Reply& r) {
      if (r.refusal() != chat::v1::NONE)
        return me.refuse(r, name);
      if (r.topic().text().empty())
        return me.reply(numeric::rpl_notopic, {r.channel(), "No topic is set"});
      show_topic(me, r);
    });
  }
  auto text = std::string{fitting(x.params[1], m.sizes().topic_length.value)};
  if (!passes_filters(m, 't', name, text))
    return;
  if (!m.allow(limit::topic_changes))
    return m.reply(numeric::rpl_tryagain, {"TOPIC", "Please wait a while and try again"});
  wish.mutable_set_topic()->set_text(std::move(text));
  ask_for_event(m, std::move(wish), name);
}

/// RFC 2812 §3.2.8: one channel and several nicks, or as many channels as nicks.
void verb_kick(machine& m, const message& x) {
  auto channels = list_of(x.params[0]);
  auto nicks = list_of(x.params[1]);
  if (channels.size() != 1 && channels.size() != nicks.size())
    return m.reply(numeric::err_needmoreparams, {"KICK", "Not enough parameters"});
  if (nicks.size() > m.sizes().targets.value) {
    m.reply(numeric::err_toomanytargets, {nicks[m.sizes().targets.value], "Too many targets"});
    nicks.resize(m.sizes().targets.value);
  }
  m.pay(nicks.size() - std::min<std::size_t>(nicks.size(), 1));
  auto reason = std::string{fitting(x.param(2), m.sizes().kick_length.value)};
  if (reason.empty())
    reason = m.me().nick(); // RFC 2812 §3.2.8: the default is the nick of the one who kicks
  one_by_one(
    m, nicks, [channels, reason](machine& me, const std::string& nick, std::size_t i, auto next) {
      auto& channel = channels.size() == 1 ? channels.front() : channels[i];
      if (!names_channel(me, channel))
        return next(me);
      auto tag = me.open_reply();
      auto wish = me.request(channel);
      wish.mutable_origin()->set_tag(tag);
      wish.mutable_kick()->set_nick(nick);
      wish.mutable_kick()->set_reason(reason);
      wish.mutable_kick()->set_forced(me.may(config::privilege::override_));
      me.ask(std::move(wish), [channel, nick, next](machine& then, const chat::v1::Reply& r) {
        if (r.refusal() == chat::v1::TARGET_NOT_ON_CHANNEL)
          then.reply(numeric::err_usernotinchannel, {nick, channel, "They aren't on that channel"});
        else if (r.refusal() != chat::v1::NONE)
          then.refuse(r, channel);
        next(then);
      });
    });
}

/// RFC 2812 §3.2.7; without parameters the list of one's invitations (modern).
void verb_invite(machine& m, const message& x) {
  if (x.params.empty())
    return m.reply(numeric::rpl_endofinvitelist, {"End of /INVITE list"});
  if (x.params.size() < 2)
    return m.reply(numeric::err_needmoreparams, {"INVITE", "Not enough parameters"});
  auto nick = x.params[0], channel = x.params[1];
  if (!names_channel(m, channel))
    return;
  auto who = m.rules().people->find(nick);
  if (!who)
    return m.reply(numeric::err_nosuchnick, {nick, "No such nick"});
  if (!m.allow(limit::invitations))
    return m.reply(numeric::rpl_tryagain, {"INVITE", "Please wait a while and try again"});
  auto wish = m.request(channel);
  wish.mutable_origin()->set_tag(m.open_reply());
  *wish.mutable_invite()->mutable_target() = who->who;
  m.ask(std::move(wish), [who, channel](machine& me, const chat::v1::Reply& r) {
    auto& target = who->who.nick();
    if (r.refusal() == chat::v1::ALREADY_ON_CHANNEL)
      return me.reply(numeric::err_useronchannel, {target, channel, "is already on channel"});
    if (r.refusal() != chat::v1::NONE)
      return me.refuse(r, channel);
    me.reply(numeric::rpl_inviting, {target, r.channel()});
    if (who->who.is_away())
      me.reply(numeric::rpl_away, {target, who->away});
  });
}

void verb_knock(machine& m, const message& x) {
  auto name = x.params[0];
  if (!names_channel(m, name))
    return;
  if (!m.allow(limit::knocks))
    return m.reply(numeric::err_toomanyknock, {name, "Too many KNOCKs: try again later"});
  auto wish = m.request(name);
  wish.mutable_knock()->set_text(std::string{fitting(x.param(1), 200)});
  m.ask(std::move(wish), [name](machine& me, const chat::v1::Reply& r) {
    if (r.refusal() == chat::v1::ALREADY_ON_CHANNEL)
      return me.reply(numeric::err_knockonchan, {name, "You are already on that channel"});
    if (r.refusal() != chat::v1::NONE)
      return me.refuse(r, name);
    me.reply(numeric::rpl_knockdlvr, {r.channel(), "Your KNOCK has been delivered"});
  });
}

/// draft/channel-rename.
void verb_rename(machine& m, const message& x) {
  auto name = x.params[0], fresh = x.params[1];
  if (!names_channel(m, name))
    return;
  if (!is_valid_channel(fresh, m.sizes().channel_length.value, m.chat().utf8_nicks.value))
    return m.fail("RENAME", "CANNOT_RENAME", {name, std::string{fitting(fresh, 64)}},
                  "That is not the name of a channel");
  auto wish = m.request(name);
  wish.mutable_origin()->set_tag(m.label_tag());
  wish.mutable_rename()->set_new_name(fresh);
  wish.mutable_rename()->set_reason(std::string{fitting(x.param(2), m.sizes().kick_length.value)});
  m.ask(std::move(wish), [name, fresh](machine& me, const chat::v1::Reply& r) {
    switch (r.refusal()) {
    case chat::v1::NONE: return me.answered_by_event();
    case chat::v1::NAME_IN_USE:
      return me.fail("RENAME", "CHANNEL_NAME_IN_USE", {name, fresh}, "Channel already exists");
    case chat::v1::CANNOT_RENAME:
      return me.fail("RENAME", "CANNOT_RENAME", {name, fresh}, "This channel cannot be renamed");
    default: return me.refuse(r, name);
    }
  });
}

} // namespace hamlet::irc
