// SPDX-License-Identifier: Apache-2.0
#include "actors/channel/channel.hpp"
#include "actors/channel/texts.hpp"
#include "actors/chat/origin.hpp"
#include "lib/irc/format.hpp"

#include <algorithm>

// INVITE (RFC 2812 §3.2.7) and KNOCK.

namespace hamlet {

using namespace chat::v1;

const channel::invited* channel::invitation(std::int64_t session, std::int64_t now_ms) const {
  auto holds = [&](auto& i) { return i.session == session && i.until_ms > now_ms; };
  auto found = std::ranges::find_if(invites_, holds);
  return found == invites_.end() ? nullptr : &*found;
}

/// The event is for the members who may invite; the one who is invited is told by its SESSION,
/// which knows whom it does not want to hear.
void channel::invite(channel_turn& x) {
  auto& target = x.ask.invite().target();
  x.reply.set_channel(name_);
  *x.reply.mutable_who() = target;
  auto* me = find(x.asker());
  if (me == nullptr)
    return x.refuse(NOT_ON_CHANNEL);
  if (find(target.session_id()) != nullptr)
    return x.refuse(ALREADY_ON_CHANNEL, target.nick());
  auto is_operator = me->rights >= rank::halfop;
  if (flags_.has('i') && !flags_.has('g') && !is_operator)
    return x.refuse(NEEDS_OPERATOR);
  if (flags_.has('V'))
    return x.refuse(NO_INVITE);
  std::erase_if(invites_, [&](auto& i) {
    return i.until_ms <= x.now_ms || (i.session == target.session_id() && !i.by_operator);
  });
  auto age = std::chrono::milliseconds{x.rules.invite_age}.count();
  if (auto* has = invitation(target.session_id(), x.now_ms); has == nullptr)
    invites_.push_back({target.session_id(), x.now_ms + age, is_operator});
  if (invites_.size() > x.rules.invites)
    invites_.pop_front();
  auto& e = publish(x);
  *e.mutable_invited()->mutable_target() = target;
  e.mutable_invited()->mutable_target()->clear_address();
  e.mutable_invited()->mutable_target()->clear_former_hosts();
  e.set_only_status("%");
  auto ring = e;
  of_no_connection(*ring.mutable_origin());
  ring.clear_only_status();
  x.rings.emplace_back(target.session_id(), std::move(ring));
}

void channel::knock(channel_turn& x) {
  x.reply.set_channel(name_);
  if (find(x.asker()) != nullptr)
    return x.refuse(ALREADY_ON_CHANNEL);
  if (flags_.has('s') && !x.ask.who().is_operator())
    return x.refuse(NO_SUCH_CHANNEL);
  if (flags_.has('p') || is_barred(x, x.ask.who(), irc::ban_scope::speak))
    return x.refuse(NO_KNOCK);
  if (!flags_.has('i') && param('k').empty())
    return x.refuse(IS_OPEN);
  auto ms = [](std::chrono::seconds s) { return std::chrono::milliseconds{s}.count(); };
  auto user_pause = ms(x.rules.knock_pause_user);
  std::erase_if(knockers_, [&](auto& k) { return x.now_ms - k.second >= user_pause; });
  auto is_asker = [&](auto& k) { return k.first == x.asker(); };
  auto is_early = knocked_ms_ != 0 && x.now_ms - knocked_ms_ < ms(x.rules.knock_pause);
  if (is_early || std::ranges::any_of(knockers_, is_asker))
    return x.refuse(KNOCKED_TOO_OFTEN);
  knocked_ms_ = x.now_ms;
  knockers_.emplace_back(x.asker(), x.now_ms);
  auto& e = publish(x);
  e.mutable_knocked()->set_text(
    std::string{irc::fitting(x.ask.knock().text(), x.rules.kick_length)});
  e.set_only_status("%");
}

} // namespace hamlet
