// SPDX-License-Identifier: Apache-2.0
#include "actors/relay/relay_core.hpp"
#include "actors/router.hpp"
#include "lib/irc/casemap.hpp"

#include <algorithm>

// What other nodes tell.

namespace hamlet {

using namespace chat::v1;

NewsTaken relay_core::take(News& x, relay_effects& out) {
  auto at = peers_.find(x.incarnation());
  if (at == peers_.end()) { // not known yet, or dead: it may say so again
    NewsTaken nothing;
    nothing.set_next(1);
    return nothing;
  }
  auto& by = at->second;
  auto does = by.in.take(x);
  using enum news_from::kind;
  if (does.what == begins) {
    by.users.clear();
    by.channels.clear();
    by.has_all_users = false;
  }
  if (does.what != nothing)
    for (auto i = does.skip; i < x.items_size(); ++i) {
      auto& item = *x.mutable_items(i);
      if (does.what != items)
        mark(item, at->first, by, out);
      apply(item, at->first, by, out);
    }
  if (does.ends)
    sweep(at->first, by, out);
  return by.in.answer();
}

bool relay_core::has(incarnation of, std::uint64_t number) const {
  auto at = peers_.find(of);
  return at == peers_.end() ? view_.version != 0 && !view_.alive(of)
                            : at->second.in.next() > number;
}

bool relay_core::is_lost(incarnation of, std::uint64_t number) const {
  auto at = buried_.find(of);
  return at != buried_.end() && at->second <= number;
}

void relay_core::apply(NewsItem& x, incarnation from, peer& by, relay_effects& out) {
  switch (x.what_case()) {
  case NewsItem::kEvent: return apply(*x.mutable_event(), out);
  case NewsItem::kUser: return apply(x.user(), from, by, out);
  case NewsItem::kUserGone: return apply_gone(x.user_gone(), by);
  case NewsItem::kPlace:
    if (!gone_.contains(x.place().session_id()))
      channels_.place(x.place(), from);
    return;
  case NewsItem::kPlaceGone:
    return channels_.unplace(x.place_gone().channel(), x.place_gone().session_id(), from);
  case NewsItem::kChannel: return channels_.show(x.channel(), from);
  case NewsItem::kChannelGone: return channels_.end(x.channel_gone().name(), from);
  case NewsItem::kState: return channels_.set_state(std::move(*x.mutable_state()), from);
  case NewsItem::kMembers: return channels_.set_members(x.members(), from, out.events);
  case NewsItem::kAdopted: return apply_adopted(x.adopted().session_id(), from, by, out);
  case NewsItem::kBooksChanged: out.books_changed = true; return;
  case NewsItem::WHAT_NOT_SET: return; // of a later version
  }
}

void relay_core::apply(Event& x, relay_effects& out) {
  auto source = x.source().session_id();
  free_nick(x.has_nick() ? x.nick().nick() : x.source().nick(), source, out);
  // Its QUIT came from its home, and this from a CHANNEL that had not heard of that.
  if (x.has_joined() && gone_.contains(source))
    return;
  if (x.has_quit()) {
    gone_.add(source);
    out.gone.push_back({x.source(), channels_.channels_of(source), x});
  } else if (x.has_who_changed())
    out.others.push_back({x.source(), x.time_ms(), channels_.channels_of(source)});
  if (!channels_.hear(x))
    return;
  if (x.has_message() && source != 0)
    if (auto who = parts_.people->find_packed(source)) {
      auto& active = *who->active_ms();
      active = std::max(active.load(), x.time_ms());
    }
  out.events.push_back(std::move(x));
}

void relay_core::apply(const Card& x, incarnation from, const peer& by, relay_effects& out) {
  auto id = x.who().session_id();
  if (parts_.where->node_of(id) != by.node || gone_.contains(id))
    return; // another node keeps it
  free_nick(x.who().nick(), id, out);
  auto card = user_of(x);
  auto& user = users_[id];
  user = {from, card, {}};
  parts_.people->learn(card);
  channels_.met(*card, out.events);
}

void relay_core::apply_gone(const UserGone& x, const peer& by) {
  auto id = x.session_id();
  if (parts_.where->node_of(id) != by.node)
    return;
  users_.erase(id);
  gone_.add(id);
  adopters_.erase(id);
  parts_.people->forget(id, x.now_ms());
  parts_.where->forget(id);
}

/// Of two who have adopted the same session, the one that started first keeps it.
void relay_core::apply_adopted(std::int64_t session_id, incarnation from, const peer& by,
                               relay_effects& out) {
  if (gone_.contains(session_id))
    return;
  if (auto had = adopters_.find(session_id); had != adopters_.end()) {
    auto is_ours = had->second == me_;
    if (had->second < from && (is_ours || peers_.contains(had->second))) {
      if (is_ours)
        out.kept_copies.push_back(session_id);
      return;
    }
    if (is_ours)
      lose_copy(session_id, out);
  }
  adopters_[session_id] = from;
  found(session_id);
  parts_.where->adopt(session_id, by.node);
  if (auto at = users_.find(session_id); at != users_.end()) {
    at->second.from = from;
    at->second.nick_shards.clear();
  }
}

// -- snapshots ------------------------------------------------------------------------

void relay_core::mark(const NewsItem& x, incarnation from, peer& by, relay_effects& out) {
  if (x.has_user())
    by.users.insert(x.user().who().session_id());
  if (!x.has_channel() && !x.has_state() && !x.has_members())
    return;
  sweep_users(from, by, out); // they come before all channels
  by.channels.insert(irc::fold(x.has_channel() ? x.channel().name()
                               : x.has_state() ? x.state().name()
                                               : x.members().channel()));
}

void relay_core::sweep_users(incarnation from, peer& by, relay_effects& out) {
  if (std::exchange(by.has_all_users, true))
    return;
  std::vector<std::int64_t> gone;
  for (auto& [id, x] : users_)
    if (x.from == from && !by.users.contains(id))
      gone.push_back(id);
  for (auto id : gone)
    quit(id, out);
  by.users.clear();
  for (auto id : channels_.sessions())
    if (!users_.contains(id) && parts_.where->node_of(id) == by.node)
      channels_.doubt(id);
}

/// What the sender has told of before, and does not any more, has ended unseen.
void relay_core::sweep(incarnation from, peer& by, relay_effects& out) {
  sweep_users(from, by, out);
  std::vector<std::string> ended;
  for (auto& [folded, x] : channels_.rooms()) {
    if (!x.is_known || x.from != from || by.channels.contains(folded))
      continue;
    // One that has moved is told of by its new owner.
    auto* shard = view_.find({cluster::shard_kind::channel, x.shard});
    if (shard != nullptr && shard->owner == from)
      ended.push_back(folded);
  }
  for (auto& folded : ended)
    channels_.end_unseen(folded, out.events);
  by.channels.clear();
}

} // namespace hamlet
