// SPDX-License-Identifier: Apache-2.0
#include "actors/chat/network_rules.hpp"
#include "gateway/irc/channel_verbs.hpp"
#include "gateway/irc/history_replay.hpp"
#include "gateway/irc/message_verbs.hpp"
#include "gateway/irc/render.hpp"
#include "lib/irc/casemap.hpp"
#include "lib/irc/format.hpp"

#include <memory>

namespace hamlet::irc {

namespace {

bool is_good_channel(machine& m, const std::string& name) {
  if (is_valid_channel(name, m.sizes().channel_length.value, m.chat().utf8_nicks.value))
    return true;
  // 403 is what clients understand; 476 is what RFC 2812 §5.2 has for a bad mask.
  m.reply(numeric::err_nosuchchannel, {std::string{fitting(name, 64)}, "No such channel"});
  return false;
}

/// What this client sees of "@+nick!user@host".
std::string shown_name(const machine& m, std::string_view all) {
  auto prefixes = std::min(all.find_first_not_of("~&@%+"), all.size());
  std::string out{
    all.substr(0, m.has(cap::multi_prefix) ? prefixes : std::min(prefixes, std::size_t{1}))};
  all.remove_prefix(prefixes);
  return out.append(m.has(cap::userhost_in_names) ? all : all.substr(0, all.find('!')));
}

/// What follows the line of a JOIN. IRCv3 draft/read-marker: MARKREAD stands before 366.
void show_joined(machine& m, const chat::v1::Reply& r, std::function<void(machine&)> next) {
  show_topic(m, r);
  auto names = [](machine& me, const chat::v1::Reply& x) {
    if (!me.has(cap::no_implicit_names))
      show_names(me, x);
  };
  if (!m.has(cap::read_marker)) {
    names(m, r);
    return next(m);
  }
  auto kept = std::make_shared<chat::v1::Reply>(r); // the members, until the marker is known
  show_marker(m, r.channel(), [kept, names, next = std::move(next)](machine& me) {
    names(me, *kept);
    next(me);
  });
}

/// What the founder wants those who come to read: ChanServ SET ENTRYMSG.
void show_entry_message(machine& m, const chat::v1::Reply& r) {
  for (auto& x : r.options())
    if (x.name() == "entrymsg")
      m.notice("[" + r.channel() + "] " + x.value(), "ChanServ");
}

void join_one(machine& m, const std::string& name, const std::string& key, bool is_forwarded,
              std::function<void(machine&)> next);

void on_joined(machine& m, const std::string& name, bool is_forwarded, const chat::v1::Reply& r,
               std::function<void(machine&)> next) {
  if (r.refusal() == chat::v1::ALREADY_ON_CHANNEL) // nothing is said: modern, JOIN message
    return next(m);
  auto was_renamed = r.refusal() == chat::v1::RENAMED;
  if (was_renamed && m.has(cap::channel_rename)) {
    m.fail("JOIN", "CHANNEL_RENAMED", {name, r.channel()}, "The channel has been renamed");
    return next(m);
  }
  if (was_renamed || r.refusal() == chat::v1::REDIRECTED) { // or mode L
    m.reply(numeric::err_linkchannel,
            {name, r.channel(),
             was_renamed ? "The channel has been renamed" : "Forwarding to another channel"});
    if (!is_forwarded)
      return join_one(m, r.channel(), {}, true, std::move(next));
    m.reply(numeric::err_unavailresource, {r.channel(), "You are forwarded only once"});
    return next(m);
  }
  if (r.refusal() != chat::v1::NONE) {
    m.refuse(r, name);
    return next(m);
  }
  std::string modes = r.was_created() ? r.modes() : std::string{};
  auto channel = r.channel();
  auto greet = [modes, channel, options = r.options(), next = std::move(next)](machine& me) {
    if (modes.size() > 1)
      me.say({.tags = {},
              .source = me.rules().server_name,
              .command = "MODE",
              .params = {channel, modes}});
    chat::v1::Reply rest;
    rest.set_channel(channel);
    *rest.mutable_options() = options;
    show_entry_message(me, rest);
    if (!me.followed_keys.empty()) // draft/metadata-2: it may ask for them
      me.reply(numeric::rpl_metadatasynclater, {channel, "0"});
    if (replays_history(me))
      return replay_history(me, channel, next);
    next(me);
  };
  show_joined(m, r, std::move(greet));
}

/// RFC 2812 §3.2.1. The JOIN line itself is written by FANOUT.
void join_one(machine& m, const std::string& name, const std::string& key, bool is_forwarded,
              std::function<void(machine&)> next) {
  if (!is_good_channel(m, name))
    return next(m);
  if (!m.allow_join(fold(name))) {
    m.reply(numeric::err_unavailresource, {name, "You join too fast: try again in a moment"});
    return next(m);
  }
  if (!m.is_operator() && m.rules().rules->is_reserved_channel(fold(name))) {
    m.reply(numeric::err_badchanname, {name, "Channel is reserved"});
    return next(m);
  }
  if (!passes_filters(m, 'c', name, name))
    return next(m);
  auto tag = m.open_reply();
  auto wish = m.request(name);
  wish.mutable_origin()->set_tag(tag);
  auto& join = *wish.mutable_join();
  join.set_key(key);
  join.set_wants_members(!m.has(cap::no_implicit_names));
  join.set_channels_at_most(static_cast<std::uint32_t>(m.sizes().channels_per_user.value));
  join.set_is_operator(m.is_operator());
  m.ask(std::move(wish),
        [name, is_forwarded, next = std::move(next)](machine& me, const chat::v1::Reply& r) {
          on_joined(me, name, is_forwarded, r, next);
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
  auto names = list_of(x.params[0]);
  m.pay(names.size() / 4); // clients come to all of their channels at once
  one_by_one(m, std::move(names),
             [key_of](machine& me, const std::string& name, std::size_t place, auto next) {
               join_one(me, name, place < key_of.size() ? key_of[place] : std::string{}, false,
                        next);
             });
}

void verb_part(machine& m, const message& x) {
  auto reason = std::string{fitting(x.param(1), m.sizes().kick_length.value)};
  if (!passes_filters(m, 'P', "a channel", reason))
    reason.clear();
  if (m.is_closed())
    return;
  auto names = list_of(x.params[0]);
  m.pay(names.size() / 4);
  one_by_one(m, std::move(names),
             [reason](machine& me, const std::string& name, std::size_t, auto next) {
               if (!names_channel(me, name))
                 return next(me);
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

constexpr std::size_t octets_of_a_command = 64u << 10; // of names: so many cost as much as one

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
      then.pay(r.ByteSizeLong() / octets_of_a_command);
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
  for (auto& all : r.names())
    for (std::size_t at = 0; at < all.size();) {
      auto end = std::min(all.find(' ', at), all.size());
      names.push_back(shown_name(m, std::string_view{all}.substr(at, end - at)));
      at = end + 1;
    }
  for (auto& x : r.members())
    names.push_back(shown_name(m, x.prefixes() + source_of(x.who())));
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

void show_join(machine& m, const chat::v1::Reply& r, std::function<void(machine&)> next) {
  viewer self;
  self.caps = m.usable_caps();
  self.is_source = true;
  chat::v1::Event event;
  *event.mutable_source() = m.me();
  event.set_channel(r.channel());
  event.mutable_joined();
  for (auto& line : lines_of(event, self, m.rules()))
    m.say(line);
  show_joined(m, r, std::move(next));
}

void show_entered(machine& m, const std::string& channel) {
  auto wish = m.request(channel);
  wish.mutable_get_members();
  m.ask(std::move(wish), [](machine& me, const chat::v1::Reply& r) {
    if (r.refusal() == chat::v1::NONE)
      show_joined(me, r, [](machine&) {});
  });
}

} // namespace hamlet::irc
