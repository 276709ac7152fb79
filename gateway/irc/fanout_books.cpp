// SPDX-License-Identifier: Apache-2.0
#include "gateway/irc/fanout_books.hpp"

#include "lib/irc/casemap.hpp"

#include <algorithm>

namespace hamlet::irc::books {

rank rank_of(std::string_view prefixes) {
  rank out = 0;
  for (auto x : prefixes)
    if (auto* mode = find_prefix(x)) // memberships are first in the table, the highest before
      out = static_cast<rank>(out | 1u << (4 - (mode - channel_modes.data())));
  return out;
}

std::string prefixes_of(rank x) {
  std::string out;
  for (unsigned i = 0; i <= 4; ++i)
    if ((x >> (4 - i) & 1) != 0)
      out += channel_modes[i].prefix;
  return out;
}

// -- to find ------------------------------------------------------------------

namespace {

template <class Map, class Key>
auto* found(Map& map, const Key& key) {
  auto at = map.find(key);
  return at == map.end() ? nullptr : at->second.get();
}

template <class T>
void remove_one(std::vector<T*>& all, T* x) {
  if (auto at = std::ranges::find(all, x); at != all.end()) {
    *at = all.back();
    all.pop_back();
  }
}

} // namespace

client* ledger::find_client(std::int64_t connection_id) const {
  return found(clients_, connection_id);
}

session* ledger::find_session(std::int64_t id) const {
  return found(sessions_, id);
}

channel* ledger::find_channel(std::string_view name) const {
  return found(channels_, fold(name));
}

const std::vector<client*>& ledger::watchers_of(std::string_view nick) const {
  static const std::vector<client*> nobody;
  if (watchers_.empty())
    return nobody;
  auto at = watchers_.find(fold(nick));
  return at == watchers_.end() ? nobody : at->second;
}

seat* ledger::seat_of(channel& where, const session& who) {
  auto at = std::ranges::find(who.places, &where, &place::where);
  return at == who.places.end() ? nullptr : &where.seats[at->seat];
}

// -- connections --------------------------------------------------------------

client& ledger::attach(postman::address where, connection_actor owner, const chat::v1::Who& who,
                       cap_set caps, framing wire) {
  auto& slot = clients_[where.connection_id];
  auto kind = kinds_.take(render_caps(caps), wire);
  auto text_kind = kinds_.take(message_caps(caps), wire);
  if (slot) {
    kinds_.give_back(slot->kind);
    kinds_.give_back(slot->text_kind);
  } else {
    slot = std::make_unique<client>();
  }
  auto& x = *slot;
  x.where = std::move(where);
  x.owner = std::move(owner);
  x.caps = caps;
  x.kind = kind;
  x.text_kind = text_kind;
  auto& now = meet(who);
  if (auto* before = std::exchange(x.of, &now); before != &now) {
    now.clients.push_back(&x);
    if (before != nullptr) {
      remove_one(before->clients, &x);
      refresh(*before);
      drop_if_unused(*before);
    }
  }
  set_facts(now, who);
  refresh(now);
  return x;
}

void ledger::detach(std::int64_t connection_id) {
  auto at = clients_.find(connection_id);
  if (at == clients_.end())
    return;
  auto& x = *at->second;
  unwatch_all(x);
  kinds_.give_back(x.kind);
  kinds_.give_back(x.text_kind);
  auto* of = x.of;
  remove_one(of->clients, &x);
  clients_.erase(at);
  refresh(*of);
  drop_if_unused(*of);
}

void ledger::watch_nick(client& who, std::string_view nick) {
  if (auto [at, is_new] = who.watched.insert(fold(nick)); is_new)
    watchers_[*at].push_back(&who);
}

void ledger::unwatch_nick(client& who, std::string_view nick) {
  auto name = fold(nick);
  if (who.watched.erase(name) == 0)
    return;
  auto at = watchers_.find(name);
  remove_one(at->second, &who);
  if (at->second.empty())
    watchers_.erase(at);
}

void ledger::unwatch_all(client& who) {
  for (auto& x : std::vector<std::string>(who.watched.begin(), who.watched.end()))
    unwatch_nick(who, x);
}

// -- sessions -----------------------------------------------------------------

session& ledger::meet(const chat::v1::Who& who) {
  auto& slot = sessions_[who.session_id()];
  if (!slot) {
    slot = std::make_unique<session>();
    slot->id = who.session_id();
    set_facts(*slot, who);
  }
  return *slot;
}

void ledger::set_facts(session& x, const chat::v1::Who& who) {
  x.nick = who.nick();
  x.is_deaf = who.is_deaf();
  mode_letters modes;
  for (auto letter : who.user_modes())
    modes.set(letter);
  if (who.is_operator())
    modes.set('o');
  x.modes = modes;
  if (!modes.has('s'))
    x.notices = {};
  note_attention(x);
}

void ledger::know(const chat::v1::Who& who) {
  auto* x = find_session(who.session_id());
  if (x == nullptr)
    return;
  auto was_deaf = x->is_deaf;
  set_facts(*x, who);
  if (was_deaf != x->is_deaf)
    refresh(*x);
}

void ledger::rename_session(std::int64_t id, std::string_view nick) {
  if (auto* x = find_session(id))
    x->nick = nick;
}

void ledger::change_modes(const chat::v1::Event& e) {
  auto* x = find_session(e.sessions_size() == 1 ? e.sessions(0) : e.source().session_id());
  if (x == nullptr)
    return;
  for (auto& change : e.user_modes().changes()) {
    if (change.letter().empty())
      continue;
    auto letter = change.letter()[0];
    x->modes.set(letter, change.add());
    if (letter != 's')
      continue;
    x->notices = {};
    if (change.add())
      for (auto kind : change.param())
        x->notices.set(kind);
  }
  note_attention(*x);
}

void ledger::note_attention(session& x) {
  if (x.modes.has('w') || x.modes.has('s'))
    attentive_.insert(&x);
  else
    attentive_.erase(&x);
}

void ledger::refresh(session& x) {
  for (auto* c : x.clients)
    c->is_deaf = x.is_deaf;
  for (auto& p : x.places) {
    auto& s = p.where->seats[p.seat];
    s.first = x.clients.empty() ? nullptr : x.clients.front();
    s.has_more = x.clients.size() > 1;
    scatter(*p.where);
  }
}

void ledger::drop_if_unused(session& x) {
  if (!x.clients.empty() || !x.places.empty())
    return;
  attentive_.erase(&x);
  sessions_.erase(x.id);
}

// -- channels -----------------------------------------------------------------

void ledger::scatter(channel& x) {
  x.groups.clear();
  x.is_gathered = false;
}

void ledger::enter(std::string_view name, const chat::v1::Who& who, rank prefixes,
                   rank hidden_from) {
  auto& slot = channels_[fold(name)];
  if (!slot) {
    slot = std::make_unique<channel>();
    slot->name = name;
  }
  auto& member = meet(who);
  if (auto* there = seat_of(*slot, member)) {
    there->prefixes = prefixes;
    there->hidden_from = hidden_from;
    return;
  }
  member.places.push_back({slot.get(), slot->seats.size()});
  auto* first = member.clients.empty() ? nullptr : member.clients.front();
  slot->seats.push_back({&member, first, member.clients.size() > 1, prefixes, hidden_from});
  if (first != nullptr)
    scatter(*slot);
}

void ledger::unseat(session& x, std::size_t which_place) {
  auto gone = x.places[which_place];
  x.places[which_place] = x.places.back();
  x.places.pop_back();
  auto& where = *gone.where;
  if (gone.seat + 1 != where.seats.size()) { // the last one moves here
    auto& moved = where.seats[gone.seat] = where.seats.back();
    std::ranges::find(moved.who->places, &where, &place::where)->seat = gone.seat;
  }
  where.seats.pop_back();
  if (!x.clients.empty())
    scatter(where);
  if (where.seats.empty())
    channels_.erase(fold(where.name));
}

void ledger::leave(std::string_view channel, std::int64_t session_id) {
  auto* where = find_channel(channel);
  auto* who = find_session(session_id);
  if (where == nullptr || who == nullptr)
    return;
  auto at = std::ranges::find(who->places, where, &place::where);
  if (at == who->places.end())
    return;
  unseat(*who, static_cast<std::size_t>(at - who->places.begin()));
  drop_if_unused(*who);
}

void ledger::leave_all(std::int64_t session_id) {
  auto* who = find_session(session_id);
  if (who == nullptr)
    return;
  while (!who->places.empty())
    unseat(*who, who->places.size() - 1);
  drop_if_unused(*who);
}

void ledger::rename_channel(std::string_view old_name, std::string_view new_name) {
  auto held = channels_.extract(fold(old_name));
  if (!held)
    return;
  held.mapped()->name = new_name;
  held.key() = fold(new_name);
  if (auto again = channels_.insert(std::move(held)); !again.inserted) {
    auto& lost = *again.node.mapped(); // there is one of that name: its owner knows better
    for (auto& s : lost.seats)
      std::erase_if(s.who->places, [&](auto& p) { return p.where == &lost; });
  }
}

void ledger::change_rank(channel& where, std::int64_t session_id, rank bit, bool add) {
  auto* who = find_session(session_id);
  auto* there = who ? seat_of(where, *who) : nullptr;
  if (there == nullptr)
    return;
  there->prefixes = static_cast<rank>(add ? there->prefixes | bit : there->prefixes & ~bit);
}

void ledger::unhide_all(channel& where) {
  for (auto& x : where.seats)
    x.hidden_from = 0;
}

} // namespace hamlet::irc::books
