// SPDX-License-Identifier: Apache-2.0
#include "gateway/irc/channel_verbs.hpp"
#include "lib/irc/casemap.hpp"
#include "lib/irc/mode_table.hpp"
#include "lib/irc/modes.hpp"

#include <span>

namespace hamlet::irc {

namespace {

/// @param to SetModes or SetUserModes.
template <class To>
void copy_changes(const std::vector<mode_change>& from, To& to) {
  for (auto& x : from) {
    auto& fresh = *to.add_changes();
    fresh.set_add(x.add);
    fresh.set_letter(std::string(1, x.letter));
    fresh.set_param(x.param);
  }
}

// -- of a user: RFC 2812 §3.1.5 -------------------------------------------------------------------

void change_user_modes(machine& m, std::span<const std::string> words) {
  auto wanted = parse_user_modes(words);
  if (!wanted.unknown.empty())
    m.reply(numeric::err_umodeunknownflag, {"Unknown MODE flag"});
  if (wanted.changes.empty())
    return;
  auto wish = m.request();
  wish.mutable_origin()->set_tag(m.open_reply());
  copy_changes(wanted.changes, *wish.mutable_set_user_modes());
  m.ask(std::move(wish), [](machine& me, const chat::v1::Reply& r) {
    if (r.refusal() != chat::v1::NONE)
      return me.refuse(r);
    if (r.has_who())
      me.set_me(r.who());
    for (auto& x : r.refused_modes())
      if (x.refusal() == chat::v1::NOT_OPERATOR)
        return me.reply(numeric::err_noprivileges,
                        {"Permission Denied- You're not an IRC operator"});
  });
}

void own_modes(machine& m, const message& x) {
  auto target = std::string_view{x.params[0]};
  if (!same_name(target, m.me().nick())) {
    if (!m.rules().people->find(target))
      return m.reply(numeric::err_nosuchnick, {std::string{target}, "No such nick"});
    return m.reply(numeric::err_usersdontmatch, {"Cannot change mode for other users"});
  }
  if (x.params.size() == 1)
    return m.reply(numeric::rpl_umodeis, {"+" + m.me().user_modes()});
  change_user_modes(m, std::span{x.params}.subspan(1));
}

// -- of a channel: RFC 2812 §3.2.3 ----------------------------------------------------------------

void show_modes(machine& m, const std::string& name) {
  auto wish = m.request(name);
  wish.mutable_get_modes();
  m.ask(std::move(wish), [name](machine& me, const chat::v1::Reply& r) {
    if (r.refusal() != chat::v1::NONE)
      return me.refuse(r, name);
    std::vector<std::string> params{r.channel(), r.modes()};
    params.insert(params.end(), r.mode_params().begin(), r.mode_params().end());
    me.reply(numeric::rpl_channelmodeis, std::move(params));
    me.reply(numeric::rpl_creationtime, {r.channel(), std::to_string(r.created_ms() / 1000)});
  });
}

struct list_numerics {
  char letter;
  numeric entry, end;
  std::string_view text;
};
constexpr list_numerics lists[] = {
  {'b', numeric::rpl_banlist, numeric::rpl_endofbanlist, "End of channel ban list"},
  {'e', numeric::rpl_exceptlist, numeric::rpl_endofexceptlist, "End of channel exception list"},
  {'I', numeric::rpl_invexlist, numeric::rpl_endofinvexlist, "End of channel invite list"},
};

void show_list(machine& m, const std::string& name, char letter,
               std::function<void(machine&)> next) {
  auto wish = m.request(name);
  wish.mutable_get_list()->set_letter(std::string(1, letter));
  m.ask(std::move(wish), [name, letter, next](machine& me, const chat::v1::Reply& r) {
    if (r.refusal() != chat::v1::NONE) {
      me.refuse(r, name);
      return next(me);
    }
    for (auto& known : lists)
      if (known.letter == letter) {
        for (auto& x : r.list())
          me.reply(known.entry,
                   {r.channel(), x.mask(), x.setter(), std::to_string(x.set_ms() / 1000)});
        me.reply(known.end, {r.channel(), std::string{known.text}});
      }
    next(me);
  });
}

void say_refused(machine& m, const std::string& channel, const chat::v1::RefusedMode& x) {
  switch (x.refusal()) {
  case chat::v1::NO_SUCH_NICK: return m.reply(numeric::err_nosuchnick, {x.param(), "No such nick"});
  case chat::v1::TARGET_NOT_ON_CHANNEL:
    if (!m.rules().people->find(x.param()))
      return m.reply(numeric::err_nosuchnick, {x.param(), "No such nick"});
    return m.reply(numeric::err_usernotinchannel,
                   {x.param(), channel, "They aren't on that channel"});
  case chat::v1::BAN_LIST_FULL:
    return m.reply(numeric::err_banlistfull,
                   {channel, x.letter(), "Channel list is full: " + x.param()});
  case chat::v1::KEY_IS_SET:
    return m.reply(numeric::err_keyset, {channel, "Channel key already set"});
  case chat::v1::UNKNOWN_MODE:
    return m.reply(numeric::err_unknownmode, {x.letter(), "is unknown mode char to me"});
  case chat::v1::BAD_MODE_PARAMETER:
    return m.reply(
      numeric::err_invalidmodeparam,
      {channel, x.letter(), x.param().empty() ? "*" : x.param(), "Invalid parameter of the mode"});
  case chat::v1::NEEDS_OPERATOR:
    return m.reply(numeric::err_chanoprivsneeded, {channel, "You're not channel operator"});
  default:
    return m.reply(numeric::err_chanoprivsneeded,
                   {channel, "You may not change mode " + x.letter()});
  }
}

void change_modes(machine& m, const std::string& name, mode_request wanted) {
  auto wish = m.request(name);
  wish.mutable_origin()->set_tag(m.open_reply());
  wish.mutable_set_modes()->set_forced(m.may(config::privilege::override_));
  copy_changes(wanted.changes, *wish.mutable_set_modes());
  m.ask(std::move(wish), [name](machine& me, const chat::v1::Reply& r) {
    if (r.refusal() != chat::v1::NONE)
      return me.refuse(r, name);
    bool said_rights = false;
    for (auto& x : r.refused_modes())
      if (x.refusal() != chat::v1::NEEDS_OPERATOR || !std::exchange(said_rights, true))
        say_refused(me, name, x);
  });
}

void channel_modes_of(machine& m, const message& x) {
  auto name = x.params[0];
  if (x.params.size() == 1)
    return show_modes(m, name);
  auto wanted = parse_channel_modes(std::span{x.params}.subspan(1), m.sizes().modes_per_line.value);
  for (char c : wanted.unknown)
    m.reply(numeric::err_unknownmode, {std::string(1, c), "is unknown mode char to me"});
  for (char c : wanted.missing)
    m.reply(numeric::err_invalidmodeparam,
            {name, std::string(1, c), "*", "You must specify a parameter for this mode"});
  for (auto& bad : wanted.invalid)
    if (bad.letter == 'k')
      m.reply(numeric::err_invalidkey, {name, "Key is not well-formed"});
    else
      m.reply(numeric::err_invalidmodeparam,
              {name, std::string(1, bad.letter), bad.param, "Invalid parameter of the mode"});
  std::vector<std::string> asked;
  for (char c : wanted.lists)
    asked.emplace_back(1, c);
  one_by_one(
    m, std::move(asked),
    [name](machine& me, const std::string& letter, std::size_t, auto next) {
      show_list(me, name, letter[0], next);
    },
    [name, wanted](machine& me) {
      if (!wanted.changes.empty())
        change_modes(me, name, wanted);
    });
}

} // namespace

void verb_mode(machine& m, const message& x) {
  if (is_channel_name(x.params[0]))
    channel_modes_of(m, x);
  else
    own_modes(m, x);
}

} // namespace hamlet::irc
