// SPDX-License-Identifier: Apache-2.0
#include "actors/channel/channel_shard.hpp"

#include "lib/irc/casemap.hpp"

#include <chrono>
#include <utility>

namespace hamlet {

using namespace chat::v1;

namespace {

constexpr std::size_t most_waiting = 1000; // requests of a channel that is being loaded

std::int64_t clock_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

/// The verbs that a channel decides alone.
using decision = void (channel::*)(channel_turn&);
decision decision_of(Request::VerbCase verb) {
  switch (verb) {
  case Request::kJoin: return &channel::join;
  case Request::kPart: return &channel::part;
  case Request::kSay: return &channel::say;
  case Request::kGetTopic: return &channel::get_topic;
  case Request::kSetTopic: return &channel::set_topic;
  case Request::kGetModes: return &channel::get_modes;
  case Request::kSetModes: return &channel::set_modes;
  case Request::kGetList: return &channel::get_list;
  case Request::kKick: return &channel::kick;
  case Request::kInvite: return &channel::invite;
  case Request::kKnock: return &channel::knock;
  case Request::kGetMembers: return &channel::get_members;
  case Request::kGetStatus: return &channel::get_status;
  case Request::kClearChannel: return &channel::clear;
  case Request::kLeave: return &channel::leave;
  case Request::kMemberChanged: return &channel::change_member;
  default: return nullptr;
  }
}

using look = void (channel::*)(channel_turn&) const;
look look_of(Request::VerbCase verb) {
  switch (verb) {
  case Request::kGetAccess: return &channel::get_access;
  case Request::kGetChannelInfo: return &channel::get_info;
  case Request::kReadMetadata: return &channel::read_metadata;
  default: return nullptr;
  }
}

} // namespace

caf::result<Reply> channel_shard_state::take(Request& msg) {
  if (is_leaving())
    return give_back(owe<Reply>(self));
  asked a{std::move(msg), owe<Reply>(self)};
  auto to = a.to;
  if (a.what.now_ms() == 0)
    a.what.set_now_ms(clock_ms());
  if (a.what.has_join() && parts->where
      && parts->where->is_dead(parts->where->node_of(a.what.session_id()))) {
    refuse(a, FAILED); // it would stay for ever
    return to;
  }
  admit(std::move(a));
  return to;
}

void channel_shard_state::admit(asked a) {
  auto folded = irc::fold(a.what.channel());
  auto found = rooms.find(folded);
  if (found == rooms.end()) {
    auto rules = parts->rules->get();
    if (!irc::is_valid_channel(a.what.channel(), rules->channel_length, rules->utf8_names))
      return refuse(a, a.what.has_join() ? BAD_CHANNEL_NAME : NO_SUCH_CHANNEL);
    found = rooms.try_emplace(folded).first;
    if (!folded.starts_with('&') && !unregistered.contains(folded) && !a.what.has_adopt()) {
      found->second.is_busy = true;
      load(folded);
    }
  }
  auto& r = found->second;
  if (r.is_busy) {
    if (a.what.has_adopt()) // the two would wait for each other
      return refuse(a, NAME_IN_USE);
    if (r.waiting.size() >= most_waiting)
      return refuse(a, FAILED);
    r.waiting.push_back(std::move(a));
    return;
  }
  run(folded, std::move(a));
  settle(folded);
}

/// The room may be busy afterwards.
void channel_shard_state::run(const std::string& folded, asked a) {
  auto& r = rooms.at(folded);
  if (!r.open)
    return run_absent(folded, r, std::move(a));
  auto verb = a.what.verb_case();
  switch (verb) {
  case Request::kGetHistory: return get_history(r, std::move(a));
  case Request::kSearchHistory: return search_history(r, std::move(a));
  case Request::kRedact: return redact(folded, r, std::move(a));
  case Request::kRegisterChannel: return register_channel(folded, r, std::move(a));
  case Request::kDropChannel: return drop_channel(folded, r, std::move(a));
  case Request::kSetAccess: return set_access(folded, r, std::move(a));
  case Request::kSetChannelOption: return set_option(folded, r, std::move(a));
  case Request::kSetMetadata: return set_metadata(folded, r, std::move(a));
  case Request::kRename: return rename(folded, r, std::move(a));
  case Request::kAdopt: return refuse(a, NAME_IN_USE);
  case Request::kGetAccess:
  case Request::kGetChannelInfo:
    if (auto ids = r.open->unnamed(); !ids.empty())
      return learn_names(folded, r, std::move(ids), std::move(a));
    break;
  default: break;
  }
  auto rules = parts->rules->get();
  auto x = turn_of(a, *rules);
  if (auto decide = decision_of(verb))
    ((*r.open).*decide)(x);
  else if (auto read = look_of(verb))
    ((*r.open).*read)(x);
  else
    x.refuse(BAD_REQUEST);
  finish(r, a, x);
}

void channel_shard_state::run_absent(const std::string& folded, room& r, asked a) {
  if (a.what.has_adopt())
    return adopt(folded, r, std::move(a));
  auto rules = parts->rules->get();
  auto x = turn_of(a, *rules);
  if (!a.what.has_join()) {
    x.reply.set_channel(a.what.channel());
    if (!a.what.has_leave() && !a.what.has_member_changed())
      x.refuse(NO_SUCH_CHANNEL);
    return answer(a, x);
  }
  auto may_all = a.what.join().forced() || a.what.who().is_operator();
  if (!may_all && parts->is_forbidden && parts->is_forbidden(folded)) {
    x.refuse(CHANNEL_FORBIDDEN);
    return answer(a, x);
  }
  if (auto now = new_name_of(folded, x.now_ms); now && !may_all) {
    x.reply.set_channel(std::move(*now));
    x.refuse(RENAMED);
    return answer(a, x);
  }
  renamed.erase(folded);
  r.open.emplace(a.what.channel(), parts->next_id(), a.what.now_ms());
  x.is_new = true;
  r.open->join(x);
  finish(r, a, x);
}

/// What waited goes on; a channel that nobody needs any more ends.
void channel_shard_state::settle(const std::string& folded) {
  for (;;) {
    auto found = rooms.find(folded);
    if (found == rooms.end() || found->second.is_busy)
      return;
    auto& r = found->second;
    if (!r.waiting.empty()) {
      auto next = std::move(r.waiting.front());
      r.waiting.pop_front();
      run(folded, std::move(next));
      continue;
    }
    if (r.saving > 0 || (r.open && !r.open->may_end()))
      return;
    if (r.open)
      end(folded, r);
    rooms.erase(found);
    return;
  }
}

// -- one request --------------------------------------------------------------

channel_turn channel_shard_state::turn_of(asked& a, const channel_rules& rules) {
  return channel_turn{a.what, rules, a.what.now_ms(), parts->next_id, is_in, find_user};
}

void channel_shard_state::finish(room& r, asked& a, channel_turn& x) {
  tell_state(r, a.what);
  show(r, x);
  if (r.open->is_registered())
    save(r, x.saves, x.now_ms);
  record(r, x);
  tell_sessions(r.open->name(), x);
  answer(a, x);
}

/// A reply never overtakes an event of its channel: all but refusals go by way of FANOUT.
void channel_shard_state::answer(asked& a, channel_turn& x) {
  if (!a.to.pending()) {
    if (!x.events.empty()) {
      Publish news;
      for (auto& e : x.events)
        *news.add_events() = std::move(e);
      caf::anon_send(parts->owners().fanout(), std::move(news));
    }
    return;
  }
  if (x.events.empty() && x.reply.refusal() != NONE) {
    a.to.deliver(std::move(x.reply));
    return;
  }
  Publish news;
  for (auto& e : x.events)
    *news.add_events() = std::move(e);
  *news.mutable_reply() = std::move(x.reply);
  a.to.delegate(parts->owners().fanout(), std::move(news));
}

void channel_shard_state::refuse(asked& a, Refusal why) {
  if (!a.to.pending())
    return;
  Reply reply;
  reply.set_refusal(why);
  reply.set_channel(a.what.channel());
  a.to.deliver(std::move(reply));
}

chat_actor::behavior_type channel_shard(chat_actor::stateful_pointer<channel_shard_state> self,
                                        channel_parts parts) {
  auto& s = self->state;
  s.self = self;
  s.parts.emplace(std::move(parts));
  s.history.emplace(self, s.limits, s.parts->history);
  s.is_in = [people = s.parts->people](std::int64_t session, std::string_view where, char prefix) {
    for (auto& place : people->channels_of(session))
      if (irc::same_name(place.channel, where))
        return prefix == 0 || std::ranges::any_of(place.prefixes, [&](char has) {
                 return rank_of_prefix(has) >= rank_of_prefix(prefix);
               });
    return false;
  };
  s.find_user = [people = s.parts->people](std::int64_t session) {
    return people->find_packed(session);
  };
  if (auto known = std::exchange(s.parts->known, {}); !known.empty()) {
    s.recover(known);
    self->send(self, caf::tick_atom_v); // before the first request, when all is spawned
  }
  if (s.parts->where != nullptr)
    self->set_exit_handler([self](const caf::exit_msg& x) { self->state.on_exit(x); });
  return {
    [self](Request& msg) { return self->state.take(msg); },
    [self](caf::tick_atom) {
      if (self->state.is_leaving())
        self->state.look_whether_done();
      else
        self->state.tell_recovered();
    },
  };
}

} // namespace hamlet
