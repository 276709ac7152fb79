// SPDX-License-Identifier: Apache-2.0
#include "actors/chat/network_rules.hpp"
#include "gateway/irc/channel_verbs.hpp"
#include "gateway/irc/history_replay.hpp"
#include "gateway/irc/render.hpp"
#include "lib/irc/casemap.hpp"
#include "lib/irc/format.hpp"

#include <set>

namespace hamlet::irc {

namespace {

bool is_good_channel(machine& m, const std::string& name) {
  if (is_valid_channel(name, m.sizes().channel_length.value, m.chat().utf8_nicks.value))
    return true;
  // 403 is what clients understand; 476 is what RFC 2812 §5.2 has for a bad mask.
  m.reply(numeric::err_nosuchchannel, {name.substr(0, 64), "No such channel"});
  return false;
}

/// RFC 2812 §3.2.1. The JOIN line itself is written by FANOUT.
void join_one(machine& m, const std::string& name, const std::string& key,
              std::function<void(machine&)> next) {
  if (!is_good_channel(m, name))
    return next(m);
  if (!m.allow(limit::joins)) {
    m.reply(numeric::err_unavailresource, {name, "You join too fast: try again in a moment"});
    return next(m);
  }
  if (!m.is_operator() && m.rules().rules->is_reserved_channel(fold(name))) {
    m.reply(numeric::err_badchanname, {name, "Channel is reserved"});
    return next(m);
  }
  auto tag = m.open_reply();
  auto wish = m.request(name);
  wish.mutable_origin()->set_tag(tag);
  auto& join = *wish.mutable_join();
  join.set_key(key);
  join.set_wants_members(!m.has(cap::no_implicit_names));
  join.set_channels_at_most(static_cast<std::uint32_t>(m.sizes().channels_per_user.value));
  join.set_is_operator(m.is_operator());
  m.ask(std::move(wish), [name, next](machine& me, const chat::v1::Reply& r) {
    if (r.refusal() == chat::v1::ALREADY_ON_CHANNEL) // nothing is said: modern, JOIN message
      return next(me);
    if (r.refusal() == chat::v1::REDIRECTED) { // mode L
      me.reply(numeric::err_linkchannel, {name, r.channel(), "Forwarding to another channel"});
      return join_one(me, r.channel(), {}, next);
    }
    if (r.refusal() != chat::v1::NONE) {
      me.refuse(r, name);
      return next(me);
    }
    show_topic(me, r);
    if (!me.has(cap::no_implicit_names))
      show_names(me, r);
    if (r.was_created() && !r.modes().empty())
      me.say({.tags = {},
              .source = me.rules().server_name,
              .command = "MODE",
              .params = {r.channel(), r.modes()}});
    if (replays_history(me)) // such a client has no markers
      return replay_history(me, r.channel(), next);
    show_marker(me, r.channel(), next);
  });
}

/// "JOIN 0": RFC 2812 §3.2.1.
void leave_all(machine& m) {
  auto wish = m.request();
  wish.mutable_origin()->set_tag(m.open_reply());
  wish.mutable_leave_all();
  m.ask(std::move(wish), [](machine&, const chat::v1::Reply&) {});
}

} // namespace

void verb_join(machine& m, const message& x) {
  if (x.params[0] == "0")
    return leave_all(m);
  auto keys = std::string{x.param(1)};
  std::vector<std::string> key_of;
  for (std::size_t at = 0; at <= keys.size();) { // an empty key has its place, too
    auto comma = std::min(keys.find(',', at), keys.size());
    key_of.push_back(keys.substr(at, comma - at));
    at = comma + 1;
  }
  one_by_one(m, list_of(x.params[0]),
             [key_of](machine& me, const std::string& name, std::size_t place, auto next) {
               join_one(me, name, place < key_of.size() ? key_of[place] : std::string{}, next);
             });
}

void verb_part(machine& m, const message& x) {
  auto reason = std::string{fitting(x.param(1), m.sizes().kick_length.value)};
  if (auto hit = m.rules().rules->filter(reason, 'P'); hit && !m.is_operator())
    reason.clear();
  one_by_one(m, list_of(x.params[0]),
             [reason](machine& me, const std::string& name, std::size_t, auto next) {
               auto tag = me.open_reply();
               auto wish = me.request(name);
               wish.mutable_origin()->set_tag(tag);
               wish.mutable_part()->set_reason(reason);
               me.ask(std::move(wish), [name, next](machine& then, const chat::v1::Reply& r) {
                 if (r.refusal() != chat::v1::NONE)
                   then.refuse(r, name);
                 next(then);
               });
             });
}

void verb_names(machine& m, const message& x) {
  if (x.param(0).empty()) // of everything: modern servers answer with the end of it
    return m.reply(numeric::rpl_endofnames, {"*", "End of /NAMES list"});
  auto names = list_of(x.param(0));
  if (names.empty())
    return m.reply(numeric::rpl_endofnames, {"*", "End of /NAMES list"});
  names.resize(1); // TARGMAX
  one_by_one(m, std::move(names), [](machine& me, const std::string& name, std::size_t, auto next) {
    auto wish = me.request(name);
    wish.mutable_get_members();
    me.ask(std::move(wish), [name, next](machine& then, const chat::v1::Reply& r) {
      if (r.refusal() == chat::v1::NONE)
        show_names(then, r);
      else
        then.reply(numeric::rpl_endofnames, {name, "End of /NAMES list"});
      next(then);
    });
  });
}

void show_topic(machine& m, const chat::v1::Reply& r) {
  if (r.topic().text().empty())
    return;
  m.reply(numeric::rpl_topic, {r.channel(), r.topic().text()});
  m.reply(numeric::rpl_topicwhotime,
          {r.channel(), r.topic().setter(), std::to_string(r.topic().set_ms() / 1000)});
}

void show_names(machine& m, const chat::v1::Reply& r) {
  std::vector<std::string> names;
  names.reserve(static_cast<std::size_t>(r.members_size()));
  for (auto& x : r.members()) {
    auto shown = m.has(cap::multi_prefix) ? x.prefixes() : x.prefixes().substr(0, 1);
    names.push_back(shown + (m.has(cap::userhost_in_names) ? source_of(x.who()) : x.who().nick()));
  }
  bool is_secret = r.modes().find('s') != std::string::npos;
  bool is_private = r.modes().find('p') != std::string::npos;
  m.reply_list(numeric::rpl_namreply,
               {is_secret    ? "@"
                : is_private ? "*"
                             : "=",
                r.channel()},
               names);
  m.reply(numeric::rpl_endofnames, {r.channel(), "End of /NAMES list"});
}

void show_join(machine& m, const chat::v1::Reply& r) {
  viewer self;
  self.caps = m.caps();
  self.is_source = true;
  chat::v1::Event event;
  *event.mutable_source() = m.me();
  event.set_channel(r.channel());
  event.mutable_joined();
  for (auto& line : lines_of(event, self, m.rules()))
    m.say(line);
  show_channel(m, r);
}

void show_channel(machine& m, const chat::v1::Reply& r) {
  show_topic(m, r);
  if (!m.has(cap::no_implicit_names))
    show_names(m, r);
}

void show_entered(machine& m, const std::string& channel) {
  auto wish = m.request(channel);
  wish.mutable_get_members();
  m.ask(std::move(wish), [](machine& me, const chat::v1::Reply& r) {
    if (r.refusal() == chat::v1::NONE) // IRCv3 draft/read-marker: before the end of the names
      show_marker(me, r.channel(), [r](machine& then) { show_channel(then, r); });
  });
}

} // namespace hamlet::irc
