// SPDX-License-Identifier: Apache-2.0
#include "actors/relay/relay_core.hpp"

#include "actors/nick/nick_table.hpp"
#include "actors/router.hpp"
#include "lib/irc/casemap.hpp"

#include <algorithm>

namespace hamlet {

using namespace chat::v1;

namespace {

constexpr std::size_t most_recent = 20'000; // sessions that have ended
constexpr std::size_t most_buried = 100;    // nodes

std::vector<std::uint8_t> nick_shards_of(std::string_view nick) {
  std::vector<std::uint8_t> all;
  for (auto& key : nick_keys(nick))
    all.push_back(static_cast<std::uint8_t>(shard_of(std::string_view{key})));
  return all;
}

Who source_of(std::int64_t session_id) {
  Who who;
  who.set_session_id(session_id);
  return who;
}

} // namespace

void relay_core::recent::add(std::int64_t id) {
  if (!set_.insert(id).second)
    return;
  order_.push_back(id);
  if (order_.size() > most_recent) {
    set_.erase(order_.front());
    order_.pop_front();
  }
}

relay_core::relay_core(parts with, relay_rules rules)
    : parts_{std::move(with)}, rules_{std::move(rules)}, log_{parts_.kept},
      channels_{*parts_.people, [this] { return server_event(); }} {
}

Event relay_core::server_event() const {
  Event e;
  e.set_id(parts_.next_id());
  e.set_time_ms(parts_.wall_ms());
  e.mutable_source()->set_nick(rules_.server_name);
  return e;
}

void relay_core::set_view(const cluster::view& now_seen, incarnation me, instant now,
                          relay_effects& out) {
  view_ = now_seen;
  if (me != 0 && me != me_) {
    if (me_ != 0)
      end_own(out);
    me_ = me;
  }
  std::vector<std::pair<incarnation, std::uint16_t>> dead;
  for (auto& [who, x] : peers_)
    if (!view_.alive(who)) {
      dead.emplace_back(who, x.node);
      buried_[who] = x.in.next();
    }
  while (buried_.size() > most_buried)
    buried_.erase(buried_.begin());
  for (auto& [who, node] : dead) {
    peers_.erase(who);
    bury(who, node, now, out);
  }
  for (auto& x : view_.nodes)
    if (x.alive() && x.born != me_ && me_ != 0) {
      auto node = static_cast<std::uint16_t>(x.node_id);
      auto [at, is_new] = peers_.try_emplace(x.born);
      at->second.node = node;
      if (is_new && log_.last() > 0)
        at->second.out.begin_whole();
      parts_.where->set_dead(node, false);
    }
}

// -- what happens here
// ------------------------------------------------------------------------------

void relay_core::publish(const Event& x, relay_effects& out) {
  if (is_local_channel(x.channel()))
    return;
  free_nick(x.has_nick() ? x.nick().nick() : x.source().nick(), x.source().session_id(), out);
  channels_.hear(x);
  NewsItem item;
  item.set_allocated_event(const_cast<Event*>(&x)); // lent: events are large, and there are many
  log(item);
  (void)item.release_event();
}

void relay_core::note(packed_ref user, relay_effects& out) {
  auto id = user->session_id();
  if (!parts_.where->is_here(id))
    return; // another node keeps it
  free_nick(user->nick(), id, out);
  auto& x = users_[id];
  if (!x.card || x.nick_shards.empty() || !irc::same_name(x.card->nick(), user->nick()))
    x.nick_shards = nick_shards_of(user->nick());
  NewsItem item;
  *item.mutable_user() = card_of(*user);
  x.from = mirror::here;
  x.card = std::move(user);
  log(item);
}

void relay_core::note(NewsItem x, relay_effects& out) {
  constexpr auto here = mirror::here;
  switch (x.what_case()) {
  case NewsItem::kUserGone: {
    auto id = x.user_gone().session_id();
    if (!parts_.where->is_here(id)) {
      if (auto found = users_.find(id); found != users_.end() && found->second.card)
        parts_.people->learn(found->second.card); // only the copy here has ended
      return;
    }
    users_.erase(id);
    gone_.add(id);
    adopters_.erase(id);
    parts_.where->forget(id);
    break;
  }
  case NewsItem::kPlace:
    channels_.place(x.place(), here);
    if (gone_.contains(x.place().session_id())) // it came late out of what a dead node had sent
      out.gone.push_back({source_of(x.place().session_id()), {x.place().channel()}, {}});
    break;
  case NewsItem::kPlaceGone:
    channels_.unplace(x.place_gone().channel(), x.place_gone().session_id(), here);
    break;
  case NewsItem::kChannel: channels_.show(x.channel(), here); break;
  case NewsItem::kChannelGone: channels_.end(x.channel_gone().name(), here); break;
  case NewsItem::kState: channels_.set_state(x.state(), here); break;
  case NewsItem::kMembers: channels_.set_members(x.members(), here, out.events); break;
  case NewsItem::kAdopted: {
    auto id = x.adopted().session_id();
    if (auto had = adopters_.find(id);
        had != adopters_.end() && had->second < me_ && peers_.contains(had->second)) {
      parts_.where->adopt(id, peers_.at(had->second).node);
      lose_copy(id, out);
      return;
    }
    adopters_[id] = me_;
    users_[id].from = here;
    found(id);
    parts_.where->adopt(id, parts_.where->here());
    break;
  }
  case NewsItem::kBooksChanged: break;
  case NewsItem::kUser:
  case NewsItem::kEvent:
  case NewsItem::WHAT_NOT_SET: return;
  }
  log(x);
}

// -- what others get
// --------------------------------------------------------------------------------

std::vector<relay_core::incarnation> relay_core::peers() const {
  std::vector<incarnation> all;
  for (auto& [who, x] : peers_)
    all.push_back(who);
  return all;
}

std::optional<std::string> relay_core::news_for(incarnation who) {
  auto at = peers_.find(who);
  if (at == peers_.end())
    return {};
  return at->second.out.next(me_, log_, [this] { return cut(); });
}

bool relay_core::taken(incarnation who, const NewsTaken& x) {
  auto at = peers_.find(who);
  return at != peers_.end() && at->second.out.taken(x);
}

void relay_core::failed(incarnation who) {
  if (auto at = peers_.find(who); at != peers_.end())
    at->second.out.failed();
}

bool relay_core::is_told(std::uint64_t number) const {
  return std::ranges::all_of(peers_, [&](const auto& x) { return x.second.out.next() > number; });
}

std::optional<std::string> relay_core::digest_for(incarnation who) {
  auto at = peers_.find(who);
  if (at == peers_.end() || at->second.out.next() > log_.last() || !at->second.out.begin_digest())
    return {};
  chat::v1::News x;
  x.set_incarnation(me_);
  x.set_first(log_.last() + 1);
  return x.SerializeAsString();
}

bool relay_core::keeps_up(incarnation who, std::uint64_t number) const {
  auto at = peers_.find(who);
  return at != peers_.end() && at->second.out.next() > number && !at->second.out.is_whole();
}

std::optional<std::uint64_t> relay_core::next_of(incarnation who) const {
  auto at = peers_.find(who);
  return at == peers_.end() ? std::nullopt : std::optional{at->second.in.next()};
}

/// All that is true here at the last number.
news_snapshot relay_core::cut() const {
  news_snapshot::contents all;
  for (auto& [id, x] : users_) {
    if (x.from != mirror::here || !x.card)
      continue;
    all.users.push_back(x.card);
    if (!adopters_.contains(id))
      continue;
    NewsItem item;
    item.mutable_adopted()->set_session_id(id);
    all.before.push_back(packed(item));
  }
  for (auto& [folded, x] : channels_.rooms())
    if (x.is_known && x.from == mirror::here)
      channels_.tell(x, [&all](const NewsItem& item) { all.after.push_back(packed(item)); });
  return {log_.last() + 1, std::move(all)};
}

// -- for a new owner
// --------------------------------------------------------------------------------

Reported relay_core::report(std::int32_t kind, std::int32_t number) const {
  Reported all;
  auto is_ours = [&](std::int64_t id) {
    auto found = users_.find(id);
    return lost_.contains(id) || (found != users_.end() && found->second.from == mirror::here);
  };
  auto held = [&](std::int64_t id, std::string_view nick) {
    auto* x = all.add_nicks();
    x->set_session_id(id);
    x->set_nick(std::string{nick});
  };
  if (kind == static_cast<std::int32_t>(cluster::shard_kind::nick)) {
    auto is_in = [number](const std::vector<std::uint8_t>& shards) {
      return std::ranges::find(shards, number) != shards.end();
    };
    for (auto& [id, x] : users_)
      if (x.from == mirror::here && x.card && is_in(x.nick_shards))
        held(id, x.card->nick());
    for (auto& [id, until] : lost_)
      if (auto found = users_.find(id); found != users_.end() && found->second.card)
        if (auto nick = found->second.card->nick(); is_in(nick_shards_of(nick)))
          held(id, nick);
    if (parts_.claims != nullptr)
      for (auto& x : parts_.claims->all())
        if (is_in(nick_shards_of(x.nick)))
          held(x.session_id, x.nick);
  }
  if (kind == static_cast<std::int32_t>(cluster::shard_kind::channel))
    for (auto& [folded, x] : channels_.rooms()) {
      if (x.shard != number || !x.is_known)
        continue;
      auto* to = all.add_channels();
      if (x.state)
        *to = *x.state;
      to->set_name(x.name);
      for (auto& [id, s] : x.seats)
        if (s.is_member && is_ours(id)) {
          auto* m = to->add_members();
          m->mutable_who()->set_session_id(id);
          m->set_rights(s.rights);
          m->set_joined_ms(s.joined_ms);
          m->set_reads_from_ms(s.reads_from_ms);
        }
    }
  return all;
}

} // namespace hamlet
