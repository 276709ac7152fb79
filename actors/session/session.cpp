// SPDX-License-Identifier: Apache-2.0
#include "actors/session/session.hpp"

#include "actors/session/user_modes.hpp"
#include "lib/base/clock.hpp"
#include "lib/irc/casemap.hpp"

#include <caf/send.hpp>

using namespace std::chrono_literals;

namespace hamlet {

using chat::v1::Publish;
using chat::v1::Reply;
using chat::v1::Request;

namespace {

constexpr auto patience = 20s;
constexpr auto tick_pause = 2s; // between looks at grace and at what is to be saved

/// To a channel, unless its `channel` is empty or a nick.
bool is_for_channel(const Request& x) {
  return x.channel().starts_with('#') || x.channel().starts_with('&');
}

} // namespace

Reply refusal(chat::v1::Refusal why, std::string detail) {
  Reply x;
  x.set_refusal(why);
  x.set_detail(std::move(detail));
  return x;
}

// -- what comes -----------------------------------------------------------------------------------

session_state::answered session_state::handle(Request& x) {
  switch (x.verb_case()) {
  case Request::kStartSession: return start(x);
  case Request::kAttach: return attach(x);
  case Request::kDetach: detach(x); return Reply{};
  case Request::kJoined: return note_joined(x);
  case Request::kRemoved: note_removed(x); return Reply{};
  case Request::kSettle: return settle();
  case Request::kNodeGone: return node_gone(x);
  case Request::kAdoptSession: return adopt_session(x);
  case Request::kKeepSession: keep_session(x); return Reply{};
  case Request::kHasNick: return has_nick(x);
  default: break;
  }
  auto* u = find(x.session_id());
  if (!u)
    return refusal(x.has_receive() ? chat::v1::NO_SUCH_NICK : chat::v1::NO_SUCH_SESSION,
                   x.has_receive() ? x.receive().event().target() : std::string{});
  return handle_session_verb(x, *u);
}

session_state::answered session_state::handle_session_verb(Request& x, user& u) {
  switch (x.verb_case()) {
  case Request::kSetNick: return set_nick(x, u);
  case Request::kSetUserModes: return set_user_modes(x, u);
  case Request::kSetAway: return set_away(x, u);
  case Request::kSetRealName: return set_real_name(x, u);
  case Request::kSetIdentity: return set_identity(x, u);
  case Request::kSetHost: return set_host(x, u);
  case Request::kSetBotMark: return set_bot_mark(x, u);
  case Request::kTell: return tell(x, u);
  case Request::kReceive: return receive(x, u);
  case Request::kRing: return ring(x, u);
  case Request::kQuit: return quit(x, u);
  case Request::kKill: return kill(x, u);
  case Request::kForceNick: return force_nick(x, u);
  case Request::kChangeList: return change_list(x, u);
  case Request::kSetOption: return set_option(x, u);
  case Request::kSetMarker: return set_marker(x, u);
  case Request::kGetMarker: return get_marker(x, u);
  case Request::kLeaveAll: return leave_all(x, u);
  case Request::kGetHistory: return is_for_channel(x) ? pass_on(x, u) : get_history(x, u);
  case Request::kSearchHistory: return is_for_channel(x) ? pass_on(x, u) : search_history(x, u);
  case Request::kRedact: return is_for_channel(x) ? pass_on(x, u) : redact(x, u);
  case Request::kSetMetadata: return is_for_channel(x) ? pass_on(x, u) : set_metadata(x, u);
  case Request::kReadMetadata: return is_for_channel(x) ? pass_on(x, u) : read_metadata(x, u);
  case Request::kJoin:
  case Request::kPart:
  case Request::kSay:
  case Request::kGetTopic:
  case Request::kSetTopic:
  case Request::kGetModes:
  case Request::kSetModes:
  case Request::kGetList:
  case Request::kKick:
  case Request::kInvite:
  case Request::kKnock:
  case Request::kGetMembers:
  case Request::kRename:
  case Request::kRegisterChannel:
  case Request::kDropChannel:
  case Request::kSetAccess:
  case Request::kGetAccess:
  case Request::kSetChannelOption:
  case Request::kGetChannelInfo:
  case Request::kClearChannel:
  case Request::kGetStatus: return pass_on(x, u);
  default: return refusal(chat::v1::BAD_REQUEST);
  }
}

// A channel decides by who asks, so that is always what is true now.
session_state::answered session_state::pass_on(Request& x, user& u) {
  if (x.channel().empty())
    return refusal(chat::v1::BAD_REQUEST);
  u.card->read(*x.mutable_who());
  if (x.has_join()) {
    auto& join = *x.mutable_join();
    join.set_channels_now(static_cast<std::uint32_t>(u.channels.size()));
    join.set_channels_at_most(static_cast<std::uint32_t>(rules()->channels));
    join.set_is_operator(x.who().is_operator());
  }
  if (x.has_say() && x.say().message().kind() != chat::v1::TAGMSG)
    u.card->active_ms()->store(now_of(x), std::memory_order_relaxed);
  auto& owner = parts->owners->channel_of(irc::fold(x.channel()));
  return self->delegate(owner, std::move(x));
}

// -- what all parts use ---------------------------------------------------------------------------

user* session_state::find(std::int64_t session_id) {
  auto at = users.find(session_id);
  return at == users.end() ? nullptr : &at->second;
}

std::int64_t session_state::now_of(const Request& x) {
  return x.now_ms() != 0 ? x.now_ms() : unix_milliseconds();
}

chat::v1::Event session_state::event_of(const Request& cause, Who source) const {
  Event x;
  x.set_id(parts->ids->next());
  x.set_time_ms(now_of(cause));
  *x.mutable_source() = std::move(source);
  if (cause.has_origin())
    *x.mutable_origin() = cause.origin();
  return x;
}

void session_state::publish(events all) {
  if (all.empty())
    return;
  Publish p;
  for (auto& x : all)
    p.mutable_events()->Add(std::move(x));
  caf::anon_send(parts->owners->fanout(), std::move(p));
}

session_state::answered session_state::publish(events all, Reply reply) {
  Publish p;
  for (auto& x : all)
    p.mutable_events()->Add(std::move(x));
  *p.mutable_reply() = std::move(reply);
  return self->delegate(parts->owners->fanout(), std::move(p));
}

void session_state::publish(answer promise, events all, Reply reply) {
  Publish p;
  for (auto& x : all)
    p.mutable_events()->Add(std::move(x));
  *p.mutable_reply() = std::move(reply);
  promise.delegate(parts->owners->fanout(), std::move(p));
}

void session_state::put(user& u, user_card card) {
  card.clients = static_cast<std::uint32_t>(u.clients.size());
  u.card = std::make_shared<const packed_user>(card);
  parts->people->put(u.card);
  save_soon(u);
}

void session_state::tell_of_change(user& u, const Request& cause, const std::string& old_nick,
                                   events& out) {
  auto who = u.card->who();
  for (auto& channel : u.channels) {
    Request note;
    note.set_session_id(who.session_id());
    *note.mutable_who() = who;
    note.set_channel(channel);
    note.set_now_ms(now_of(cause));
    note.mutable_member_changed()->set_old_nick(old_nick);
    caf::anon_send(parts->owners->channel_of(irc::fold(channel)), std::move(note));
  }
  auto changed = event_of(cause, std::move(who));
  changed.add_sessions(u.card->session_id());
  changed.mutable_who_changed();
  out.push_back(std::move(changed));
}

void session_state::ask_channel(const user& u, Request what,
                                std::function<void(const Reply&)> then) {
  what.set_session_id(u.card->session_id());
  u.card->read(*what.mutable_who());
  auto& owner = parts->owners->channel_of(irc::fold(what.channel()));
  request<Reply>(
    self, limits, patience, owner, std::move(what), [then](const Reply& x) { then(x); },
    [then](const caf::error&) { then(refusal(chat::v1::FAILED)); });
}

// -- time -----------------------------------------------------------------------------------------

void session_state::ask_later() {
  if (!std::exchange(will_tick_, true))
    self->delayed_send(self, tick_pause, caf::tick_atom_v);
}

void session_state::tick() {
  will_tick_ = false;
  auto now = self->clock().now();
  std::vector<std::int64_t> over;
  for (auto id : in_grace_)
    if (auto* u = find(id); !u || u->rare->grace_end <= now)
      over.push_back(id);
  for (auto id : over) {
    in_grace_.erase(id);
    if (auto* u = find(id); u && u->waits_for_client())
      end(*u, Request{}, std::string{u->rare->grace_reason}, {});
  }
  for (auto id : std::exchange(unsaved_, {}))
    if (auto* u = find(id))
      save(*u);
  if (!in_grace_.empty())
    ask_later();
}

chat_actor::behavior_type session_shard(chat_actor::stateful_pointer<session_state> self,
                                        session_parts parts) {
  auto& state = self->state;
  state.self = self;
  state.writer.emplace(self, state.limits, parts.history);
  state.parts.emplace(std::move(parts));
  return {
    [self](Request& x) { return self->state.handle(x); },
    [self](caf::tick_atom) { self->state.tick(); },
  };
}

} // namespace hamlet
