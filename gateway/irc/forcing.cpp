// SPDX-License-Identifier: Apache-2.0
#include "gateway/irc/channel_verbs.hpp"
#include "gateway/irc/lookups.hpp"
#include "gateway/irc/operator_verbs.hpp"
#include "gateway/irc/privileges.hpp"
#include "lib/irc/casemap.hpp"
#include "lib/irc/format.hpp"
#include "lib/irc/modes.hpp"
#include "lib/text/ascii.hpp"

#include <algorithm>
#include <span>

// SAJOIN, SAPART, SAMODE, SANICK, CHGHOST: an operator acts for somebody else. The request goes to
// the SESSION of the other, which says who that is.

namespace hamlet::irc {

namespace {

using config::privilege;

/// nullptr: there is nobody of that name, and the operator has heard so.
user_ref target_of(machine& m, const std::string& nick) {
  auto user = m.rules().people->find(nick);
  if (!user)
    m.reply(numeric::err_nosuchnick, {nick, "No such nick"});
  return user;
}

chat::v1::Request request_for(const machine& m, const chat::v1::Who& other,
                              const std::string& channel = {}) {
  auto wish = m.request(channel);
  wish.set_session_id(other.session_id());
  *wish.mutable_who() = other;
  wish.clear_origin();
  return wish;
}

void ask_forced(machine& m, chat::v1::Request wish, std::string verb, std::string args,
                std::string target, std::function<void(machine&)> next = {}) {
  m.ask(std::move(wish), [verb, args, target, next](machine& me, const chat::v1::Reply& r) {
    if (audit_reply(me, r, verb, args, target))
      me.report(me.me().nick() + ": " + verb + " " + args);
    if (next)
      next(me);
  });
}

bool is_host(std::string_view text) {
  constexpr std::size_t most = 63; // HOSTLEN of 005
  return !text.empty() && text.size() <= most && !text.starts_with(':')
         && std::ranges::all_of(text, [](char c) {
              return ascii::is_letter_or_digit(c)
                     || std::string_view{".-:/_"}.find(c) != std::string_view::npos;
            });
}

void copy_changes(const std::vector<mode_change>& from,
                  google::protobuf::RepeatedPtrField<chat::v1::ModeChange>& to) {
  for (auto& x : from) {
    auto& fresh = *to.Add();
    fresh.set_add(x.add);
    fresh.set_letter(std::string(1, x.letter));
    fresh.set_param(x.param);
  }
}

void force_channel_modes(machine& m, const message& x) {
  auto wanted = parse_channel_modes(std::span{x.params}.subspan(1), m.sizes().modes_per_line.value);
  for (char c : wanted.unknown)
    m.reply(numeric::err_unknownmode, {std::string(1, c), "is unknown mode char to me"});
  if (wanted.changes.empty())
    return;
  auto wish = m.request(x.params[0]);
  wish.mutable_origin()->set_tag(m.open_reply());
  wish.mutable_set_modes()->set_forced(true);
  copy_changes(wanted.changes, *wish.mutable_set_modes()->mutable_changes());
  m.ask(std::move(wish),
        [name = x.params[0], args = text_from(x, 0)](machine& me, const chat::v1::Reply& r) {
          for (auto& bad : r.refused_modes()) {
            chat::v1::Reply one;
            one.set_refusal(bad.refusal());
            one.set_detail("mode " + bad.letter() + " " + bad.param());
            me.refuse(one, name);
          }
          if (audit_reply(me, r, "SAMODE", args, name))
            me.report(me.me().nick() + ": SAMODE " + args);
        });
}

/// What the server alone knows of a user is not an operator's to say: o is OPER's.
bool may_be_forced(const mode_change& x) {
  auto* mode = find_user_mode(x.letter);
  return mode != nullptr && (mode->who == user_mode_right::self || (x.letter == 'o' && !x.add));
}

void force_user_modes(machine& m, const message& x) {
  auto user = target_of(m, x.params[0]);
  if (!user)
    return;
  auto wanted = parse_user_modes(std::span{x.params}.subspan(1));
  std::erase_if(wanted.changes, [](auto& change) { return !may_be_forced(change); });
  if (wanted.changes.empty())
    return m.reply(numeric::err_umodeunknownflag, {"Unknown MODE flag"});
  auto wish = request_for(m, user->who);
  wish.mutable_set_user_modes()->set_by_server(true);
  copy_changes(wanted.changes, *wish.mutable_set_user_modes()->mutable_changes());
  ask_forced(m, std::move(wish), "SAMODE", text_from(x, 0), x.params[0]);
}

} // namespace

void verb_sajoin(machine& m, const message& x) {
  if (!needs(m, privilege::override_))
    return;
  auto user = target_of(m, x.params[0]);
  if (!user)
    return;
  one_by_one(
    m, list_of(x.params[1]), [user](machine& me, const std::string& name, auto, auto next) {
      if (!is_valid_channel(name, me.sizes().channel_length.value, me.chat().utf8_nicks.value)) {
        me.reply(numeric::err_nosuchchannel, {name.substr(0, 64), "No such channel"});
        return next(me);
      }
      auto wish = request_for(me, user->who, name);
      wish.mutable_join()->set_forced(true);
      wish.mutable_join()->set_channels_at_most(
        static_cast<std::uint32_t>(me.sizes().channels_per_user.value));
      ask_forced(me, std::move(wish), "SAJOIN", user->who.nick() + " " + name, name, next);
    });
}

void verb_sapart(machine& m, const message& x) {
  if (!needs(m, privilege::override_))
    return;
  auto user = target_of(m, x.params[0]);
  if (!user)
    return;
  auto reason = std::string{fitting(text_from(x, 2), m.sizes().kick_length.value)};
  one_by_one(m, list_of(x.params[1]),
             [user, reason](machine& me, const std::string& name, auto, auto next) {
               auto wish = request_for(me, user->who, name);
               wish.mutable_part()->set_reason(reason);
               ask_forced(me, std::move(wish), "SAPART", user->who.nick() + " " + name, name, next);
             });
}

void verb_samode(machine& m, const message& x) {
  if (!needs(m, privilege::override_))
    return;
  if (is_channel_name(x.params[0]))
    force_channel_modes(m, x);
  else
    force_user_modes(m, x);
}

void verb_sanick(machine& m, const message& x) {
  if (!needs(m, privilege::override_))
    return;
  auto user = target_of(m, x.params[0]);
  if (!user)
    return;
  auto& fresh = x.params[1];
  if (!is_valid_nick(fresh, m.sizes().nick_length.value, m.chat().utf8_nicks.value))
    return m.reply(numeric::err_erroneusnickname, {fresh.substr(0, 64), "Erroneous nickname"});
  // Forced, it would be taken away from who has it.
  if (auto other = m.rules().people->find_packed(fresh);
      other && other->session_id() != user->who.session_id())
    return m.reply(numeric::err_nicknameinuse, {fresh, "Nickname is already in use"});
  auto wish = request_for(m, user->who);
  wish.mutable_set_nick()->set_nick(fresh);
  wish.mutable_set_nick()->set_forced(true);
  ask_forced(m, std::move(wish), "SANICK", user->who.nick() + " " + fresh, fresh);
}

void verb_chghost(machine& m, const message& x) {
  if (!needs(m, privilege::override_))
    return;
  auto user = target_of(m, x.params[0]);
  if (!user)
    return;
  auto& mask = x.params[1];
  auto at = mask.find('@');
  auto name = at == mask.npos ? user->who.user() : mask.substr(0, at);
  auto host = mask.substr(at == mask.npos ? 0 : at + 1);
  if (!is_host(host) || !is_valid_user(name, m.sizes().user_length.value))
    return m.fail("CHGHOST", "INVALID_HOST", {mask.substr(0, 64)}, "That cannot be a host");
  auto wish = request_for(m, user->who);
  wish.mutable_set_host()->set_user(name);
  wish.mutable_set_host()->set_host(host);
  ask_forced(m, std::move(wish), "CHGHOST", user->who.nick() + " " + mask, user->who.nick());
}

} // namespace hamlet::irc
