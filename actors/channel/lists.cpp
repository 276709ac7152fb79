// SPDX-License-Identifier: Apache-2.0
#include "actors/channel/channel.hpp"
#include "actors/channel/texts.hpp"

#include <algorithm>

// The lists b, e and I (RFC 2811 §4.3), and whom they concern.

namespace hamlet {

using namespace chat::v1;

constexpr std::size_t remembered = 200; // absences, lifted bans

irc::ban_target channel::target_of(const channel_turn& x, const Who& who) const {
  auto as = identity_of(who);
  if (x.is_in)
    as.in_channel = [&x, session = who.session_id()](std::string_view where, char prefix) {
      return x.is_in(session, where, prefix);
    };
  return irc::ban_target{as};
}

bool channel::is_barred(const channel_turn& x, const Who& who, irc::ban_scope scope) const {
  if (bans_.empty())
    return false;
  auto target = target_of(x, who);
  return bans_.find(target, scope) != nullptr && exempt_.find(target, scope) == nullptr;
}

/// The verdict holds until a list or the member changes.
void channel::judge(const channel_turn& x, member& m) {
  if (bans_.empty()) {
    m.is_banned = m.is_muted = false;
    m.judged = 0;
    return;
  }
  if (m.judged == lists_version_)
    return;
  auto target = target_of(x, m.who());
  auto is_exempt = exempt_.find(target, irc::ban_scope::speak) != nullptr;
  m.is_banned = !is_exempt && bans_.find(target, irc::ban_scope::join) != nullptr;
  m.is_muted = !is_exempt && !m.is_banned && bans_.find(target, irc::ban_scope::speak) != nullptr;
  m.judged = bans_.looks_elsewhere() || exempt_.looks_elsewhere() ? 0 : lists_version_;
}

/// Bans may be read by everybody, the other lists by who may change them.
void channel::get_list(channel_turn& x) {
  x.reply.set_channel(name_);
  auto& letter = x.ask.get_list().letter();
  auto* row = letter.size() == 1 ? irc::find_channel_mode(letter[0]) : nullptr;
  if (row == nullptr || row->kind != irc::mode_kind::list)
    return x.refuse(UNKNOWN_MODE, letter);
  if (is_hidden_from(x))
    return x.refuse(NO_SUCH_CHANNEL);
  auto is_privileged = x.ask.who().is_operator() || rights_of(x.asker()) >= rank::halfop;
  if (row->letter != 'b' && !is_privileged)
    return x.refuse(NEEDS_OPERATOR);
  for (auto& entry : list(row->letter).entries()) {
    auto* out = x.reply.add_list();
    out->set_mask(entry.what.text());
    out->set_setter(entry.setter);
    out->set_set_ms(entry.set_ms);
  }
}

// -- what one may read of the past --------------------------------------------

void channel::note_lifted(const std::string& mask, std::int64_t now_ms) {
  if (auto what = irc::ban::of(mask); what && !what->is_mute())
    lifted_.push_back({std::move(*what), now_ms});
  if (lifted_.size() > remembered)
    lifted_.pop_front();
}

namespace {

std::string user_host(const Who& who) {
  return who.user() + "@" + who.host();
}

} // namespace

void channel::note_absence(const Who& who) {
  auto same = [&](auto& x) { return x.session == who.session_id() && x.until_ms == 0; };
  if (std::ranges::any_of(absences_, same))
    return;
  absences_.push_back({who.session_id(), who.account_id(), user_host(who), 0});
  if (absences_.size() > remembered)
    absences_.pop_front();
}

/// What was said while somebody was kept out stays unknown to them, when they are let in again.
std::int64_t channel::reads_from(const channel_turn& x, const Who& who) {
  // What was said within this very millisecond was said before; what comes is later.
  auto now = std::max(x.now_ms, said_ms_ + 1);
  not_before_ms_ = now;
  auto from = now;
  auto seconds = [](const std::string& h) {
    auto rate = irc::parse_rate(h);
    return rate ? std::int64_t{rate->seconds} * 1000 : std::int64_t{-1};
  };
  if (auto back = seconds(param('H')); back >= 0)
    from = x.now_ms - back;
  else if (registered_ && x.rules.history_before_join)
    from = registered_->registered_ms; // before it nobody knew that this is kept for others
  for (auto& a : absences_) {
    auto is_it = a.session == who.session_id() || (a.account != 0 && a.account == who.account_id())
                 || a.user_host == user_host(who);
    if (!is_it)
      continue;
    if (a.until_ms == 0)
      a.until_ms = now;
    from = std::max(from, a.until_ms);
  }
  if (!lifted_.empty()) {
    auto target = target_of(x, who);
    for (auto& l : lifted_)
      if (l.what.matches(target))
        from = std::max(from, l.lifted_ms);
  }
  return from;
}

} // namespace hamlet
