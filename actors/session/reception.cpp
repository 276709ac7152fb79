// SPDX-License-Identifier: Apache-2.0
#include "actors/session/reception.hpp"

#include "actors/session/user_modes.hpp"
#include "lib/irc/casemap.hpp"

#include <algorithm>

namespace hamlet {

namespace {

constexpr std::int64_t told_for_ms = 60'000;
constexpr std::size_t told_at_most = 64;

/// CTCP but ACTION: requests and their answers.
bool is_ctcp(const chat::v1::Message& x) {
  return x.text().starts_with('\x01')
         && !x.text().starts_with("\x01"
                                  "ACTION");
}

} // namespace

bool is_silenced(const user& target, const chat::v1::Who& sender) {
  if (!target.rare || target.rare->silence.empty())
    return false;
  irc::identity who;
  who.nick = sender.nick();
  who.user = sender.user();
  who.host = sender.host();
  who.cloaks = {sender.former_hosts().begin(), sender.former_hosts().end()};
  who.account = sender.account();
  who.realname = sender.real_name();
  irc::ban_target form{who};
  return std::ranges::any_of(target.rare->silence,
                             [&](const irc::hostmask& x) { return x.matches(form); });
}

bool is_accepted(const user& target, const chat::v1::Who& sender) {
  return target.rare && std::ranges::any_of(target.rare->accept, [&](const std::string& nick) {
           return irc::same_name(nick, sender.nick());
         });
}

chat::v1::Refusal judge_message(const user& target, const chat::v1::Who& sender,
                                const chat::v1::Message& what, bool sender_is_operator,
                                bool share_channel) {
  if (sender.session_id() == target.card->session_id())
    return chat::v1::NONE;
  if (is_silenced(target, sender))
    return chat::v1::IS_SILENT;
  auto modes = modes_of(target.card->who());
  if (modes.has('T') && is_ctcp(what))
    return chat::v1::NO_CTCP;
  if (sender_is_operator || is_accepted(target, sender))
    return chat::v1::NONE;
  if (modes.has('D'))
    return chat::v1::CANNOT_SEND;
  if (modes.has('R') && sender.account_id() == 0)
    return chat::v1::NEEDS_ACCOUNT_TO_TELL;
  if (modes.has('C') && !share_channel)
    return chat::v1::NO_COMMON_CHANNEL;
  if (modes.has('g') || (modes.has('G') && !share_channel))
    return chat::v1::IGNORES_STRANGERS;
  return chat::v1::NONE;
}

bool should_tell_of(user::extras& target, std::int64_t sender, std::int64_t now_ms) {
  std::erase_if(target.told_of, [&](auto& x) { return x.second <= now_ms - told_for_ms; });
  if (target.told_of.contains(sender) || target.told_of.size() >= told_at_most)
    return false;
  target.told_of.emplace(sender, now_ms);
  return true;
}

} // namespace hamlet
