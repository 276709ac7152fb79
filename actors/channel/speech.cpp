// SPDX-License-Identifier: Apache-2.0
#include "actors/channel/channel.hpp"
#include "actors/channel/texts.hpp"
#include "lib/irc/format.hpp"

#include <algorithm>

// PRIVMSG, NOTICE and TAGMSG to a channel: RFC 2812 §3.3.1, RFC 2811 §4.2. Nothing here looks at
// all members.

namespace hamlet {

using namespace chat::v1;

constexpr std::size_t remembered_authors = 200;

namespace {

/// Some line of it is a CTCP and no ACTION: who has no draft/multiline hears each by itself.
bool has_ctcp(std::string_view text) {
  while (!text.empty()) {
    auto line = text.substr(0, text.find('\n'));
    if (irc::is_ctcp(line) && !irc::is_action(line))
      return true;
    text.remove_prefix(std::min(text.size(), line.size() + 1));
  }
  return false;
}

} // namespace

/// Why somebody may not speak; `m` is nullptr for who is not in the channel. What +U lets
/// operators hear all the same is refused by CANNOT_SEND or NEEDS_ACCOUNT.
std::optional<Refusal> channel::silenced(const channel_turn& x, member* m) const {
  if (m != nullptr && m->rights != 0)
    return std::nullopt; // RFC 2811 §4.1.3: a voice speaks in spite of +m and of bans
  if (flags_.has('m'))
    return CANNOT_SEND;
  if (flags_.has('M') && x.ask.who().account().empty())
    return NEEDS_ACCOUNT;
  auto is_barred_here =
    m != nullptr ? m->is_banned || m->is_muted : is_barred(x, x.ask.who(), irc::ban_scope::speak);
  if (is_barred_here)
    return CANNOT_SEND;
  return std::nullopt;
}

/// Mode f: more than so many in so many seconds are not heard; who goes on to the double is
/// kicked.
bool channel::is_flooding(channel_turn& x, member& m) {
  auto found = params_.find('f');
  if (found == params_.end() || m.rights != 0)
    return false;
  auto rate = irc::parse_rate(found->second);
  if (!rate)
    return false;
  if (x.now_ms - m.window_ms >= std::int64_t{rate->seconds} * 1000) {
    m.window_ms = x.now_ms;
    m.spoken = 0;
  }
  ++m.spoken;
  if (m.spoken <= rate->count)
    return false;
  x.refuse(CANNOT_SEND, "+f");
  if (m.spoken > 2 * rate->count)
    expel(x, m, "Flooding", true);
  return true;
}

/// History does not say which session it was.
void channel::remember_author(std::int64_t event_id, std::int64_t session) {
  said_.emplace_back(event_id, session);
  if (said_.size() > remembered_authors)
    said_.pop_front();
}

bool channel::has_said(std::int64_t session, std::int64_t event_id) const {
  return std::ranges::find(said_, std::pair{event_id, session}) != said_.end();
}

void channel::say(channel_turn& x) {
  auto& said = *x.ask.mutable_say()->mutable_message();
  auto& to_status = x.ask.say().to_status();
  x.reply.set_channel(name_);
  if (!to_status.empty() && (to_status.size() != 1 || rank_of_prefix(to_status[0]) == 0))
    return x.refuse(BAD_REQUEST);
  auto* m = find(x.asker());
  if (m == nullptr && flags_.has('n'))
    return x.refuse(CANNOT_SEND);
  if (m != nullptr)
    judge(x, *m);
  auto why = silenced(x, m);
  if (why && !(flags_.has('U') && m != nullptr))
    return x.refuse(*why);
  auto& text = said.text();
  if (flags_.has('C') && has_ctcp(text))
    return x.refuse(NO_CTCP, "+C");
  if (flags_.has('T') && said.kind() == NOTICE)
    return x.refuse(NO_CTCP, "+T");
  if (flags_.has('c') && irc::has_formatting(text))
    return x.refuse(CANNOT_SEND, "+c");
  if (m != nullptr && said.kind() != TAGMSG && is_flooding(x, *m))
    return;
  if (flags_.has('S') && irc::has_formatting(text))
    said.set_text(irc::strip_formatting(text));
  auto& e = publish(x);
  said_ms_ = e.time_ms();
  if (x.ask.who().account_id() == 0)
    remember_author(e.id(), x.asker());
  if (why) // to those who may decide about it
    said.set_to_status("%");
  else
    said.set_to_status(to_status);
  e.set_only_status(said.to_status());
  *e.mutable_message() = std::move(said);
  x.reply.set_epoch(epoch_);
  x.reply.set_seq(seq_);
}

} // namespace hamlet
