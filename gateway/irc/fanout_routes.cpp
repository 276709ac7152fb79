// SPDX-License-Identifier: Apache-2.0
#include "gateway/irc/fanout_core.hpp"
#include "lib/irc/casemap.hpp"

#include <algorithm>
#include <unordered_map>

// The ways an event may go.

namespace hamlet::irc {

using chat::v1::Event;

namespace {

template <class F>
void each_client_of(const books::seat& seat, F f) {
  if (seat.first == nullptr)
    return;
  if (!seat.has_more)
    return f(*seat.first);
  for (auto* x : seat.who->clients)
    f(*x);
}

/// The lowest of them: "@+" means all who have one of both.
books::rank needed_rank(std::string_view only_status) {
  unsigned x = books::rank_of(only_status);
  return static_cast<books::rank>(x & (~x + 1));
}

} // namespace

// -- to sessions --------------------------------------------------------------

void fanout_core::to_own(std::int64_t session_id) {
  if (auto* x = books_.find_session(session_id))
    for (auto* c : x->clients)
      reach(*c);
}

/// IRCv3 labeled-response: who writes to itself gets the echo with its label, if it asked for one,
/// and the message itself without.
void fanout_core::to_sessions() {
  auto& e = *event_;
  if (e.has_message() && origin_ != nullptr && e.sessions_size() == 1
      && e.sessions(0) == origin_->of->id && same_name(e.target(), origin_->of->nick)) {
    give(*origin_);
    origin_ = nullptr;
  }
  for (auto id : event_->sessions())
    to_own(id);
}

void fanout_core::tell_owners() {
  auto& e = *event_;
  auto is_end = e.has_ended();
  auto& end = e.ended();
  auto why =
    is_end && end.is_kill() ? "Killed (" + end.by() + " (" + end.reason() + "))" : end.reason();
  auto tell_one = [&](std::int64_t id) {
    auto* x = books_.find_session(id);
    if (x == nullptr)
      return;
    for (auto* c : x->clients) {
      reach(*c);
      tell(*c, is_end ? note::what::ended : note::what::who_changed, why);
    }
  };
  if (e.sessions_size() == 0)
    return tell_one(e.source().session_id());
  for (auto id : e.sessions())
    tell_one(id);
}

// -- to a channel -------------------------------------------------------------

void fanout_core::to_channel() {
  auto& e = *event_;
  auto is_message = e.has_message();
  auto needed = needed_rank(e.only_status());
  auto* where = books_.find_channel(e.channel());
  if (where != nullptr && is_message && needed == 0 && where->seats.size() >= crowd_size)
    return to_crowd(*where);
  auto* target = e.has_kicked() ? books_.find_session(e.kicked().target().session_id()) : nullptr;
  if (where != nullptr)
    for (auto& x : where->seats)
      if (x.prefixes >= needed || x.who == source_ || x.who == target)
        each_client_of(x, [&](books::client& c) {
          if (!is_message || !c.is_deaf)
            reach(c);
        });
  if (is_message && source_ != nullptr) // not a member, or deaf: its clients show what it said
    for (auto* c : source_->clients)
      reach(*c);
}

void fanout_core::gather(books::channel& where) {
  std::unordered_map<viewer_kinds::number, std::vector<const postman::address*>> all;
  for (auto& x : where.seats)
    each_client_of(x, [&](books::client& c) {
      if (!c.is_deaf)
        all[c.text_kind].push_back(&c.where);
    });
  for (auto& [kind, clients] : all)
    where.groups.push_back({kind, out_->gather(clients)});
  where.is_gathered = true;
}

void fanout_core::to_crowd(books::channel& where) {
  if (!where.is_gathered)
    gather(where);
  auto* except = origin_ != nullptr ? &origin_->where : nullptr;
  auto is_in =
    source_ != nullptr && !source_->is_deaf && books::ledger::seat_of(where, *source_) != nullptr;
  for (auto& x : where.groups) {
    auto& bytes = bytes_.of(x.text_kind, false); // a message has one form for all
    if (!bytes)
      continue;
    out_->add(*x.all, bytes, except);
    auto n = x.all->size();
    if (is_in && except != nullptr && origin_->text_kind == x.text_kind)
      --n;
    deliveries_ += n;
    octets_ += n * bytes->size();
  }
  if (source_ != nullptr)
    for (auto* c : source_->clients)
      if (!is_in || c == origin_)
        reach(*c);
}

// -- to those who know a user -------------------------------------------------

template <class F>
void fanout_core::each_who_sees(books::channel& where, const books::session& source, F f) {
  auto* own = books::ledger::seat_of(where, source);
  auto hidden_from = own->prefixes == 0 ? own->hidden_from : books::rank{0};
  for (auto& x : where.seats)
    if (x.prefixes >= hidden_from && x.who != &source)
      each_client_of(x, f);
}

void fanout_core::to_all_who_know() {
  if (source_ == nullptr)
    return;
  for (auto* c : source_->clients)
    reach(*c);
  for (auto& p : source_->places)
    each_who_sees(*p.where, *source_, [&](books::client& c) { reach(c); });
}

void fanout_core::to_watchers(const std::vector<books::client*>& all, cap_set needed) {
  for (auto* c : all)
    if (c->caps.has_all(needed))
      reach(*c);
}

/// IRCv3 chghost, Fallback: the QUIT went out before.
void fanout_core::rejoin() {
  if (source_ == nullptr)
    return;
  for (auto& p : source_->places) {
    std::unordered_map<viewer_kinds::number, net::shared_bytes> made;
    auto prefixes = books::prefixes_of(p.where->seats[p.seat].prefixes);
    each_who_sees(*p.where, *source_, [&](books::client& c) {
      if (c.caps.has(cap::chghost))
        return;
      auto& bytes = made[c.kind];
      if (!bytes) {
        auto who = books_.kinds().of(c.kind);
        bytes = std::make_shared<const std::string>(bytes_of(
          rejoin_lines(*event_, p.where->name, prefixes, who, *rules_), who.wire, *rules_));
      }
      put(c, bytes);
    });
  }
}

// -- to operators -------------------------------------------------------------

/// "w" and WALLOPS: to those with mode w. Else to operators with mode s: "s" to all of them,
/// another letter to those that want this kind.
void fanout_core::to_operators() {
  auto& kind = event_->to_operators();
  auto is_wallops = event_->has_wallops() || kind == "w";
  for (auto* x : books_.attentive()) {
    auto wants_kind = kind == "s" || x->notices.empty() || x->notices.has(kind[0]);
    if (is_wallops ? x->modes.has('w') : x->modes.has('o') && x->modes.has('s') && wants_kind)
      for (auto* c : x->clients)
        reach(*c);
  }
}

// -- topic and names ----------------------------------------------------------

void fanout_core::tell_entered() {
  auto& e = *event_;
  if (e.has_joined()) {
    if (source_ != nullptr)
      for (auto* c : source_->clients)
        if (c != origin_) // it asked for them with its JOIN
          tell(*c, note::what::entered, e.channel());
    return;
  }
  auto* where = books_.find_channel(e.channel());
  if (where == nullptr || same_name(e.channel(), e.renamed().new_name()))
    return;
  for (auto& x : where->seats)
    each_client_of(x, [&](books::client& c) {
      if (!c.caps.has(cap::channel_rename))
        tell(c, note::what::entered, e.renamed().new_name());
    });
}

} // namespace hamlet::irc
