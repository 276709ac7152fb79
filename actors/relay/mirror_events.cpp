// SPDX-License-Identifier: Apache-2.0
#include "actors/relay/mirror.hpp"
#include "lib/irc/casemap.hpp"
#include "lib/irc/mode_table.hpp"

#include <algorithm>

// What FANOUT is shown: who has come and gone, whether an event said so or not.

namespace hamlet {

using namespace chat::v1;

// -- what it is to hear beside --------------------------------------------------------------------

void mirror::come(room& where, std::int64_t session_id, seat& s, std::vector<Event>& out) {
  auto who = people_.find_packed(session_id);
  s.is_owed = !who;
  if (!who)
    return;
  s.is_shown = true;
  auto e = make_();
  e.set_channel(where.name);
  who->read(*e.mutable_source());
  e.mutable_joined()->set_prefixes(std::string{s.prefix_text()});
  out.push_back(std::move(e));
}

void mirror::go(room& where, std::int64_t session_id, std::vector<Event>& out) {
  auto& s = where.seats.at(session_id);
  if (s.is_shown) {
    auto e = make_();
    e.set_channel(where.name);
    e.clear_source(); // nobody is to hear that the server has left
    if (auto who = people_.find_packed(session_id))
      who->read(*e.mutable_source());
    e.mutable_source()->set_session_id(session_id);
    e.mutable_parted()->set_silent(e.source().nick().empty());
    out.push_back(std::move(e));
  }
  s.is_member = s.is_shown = s.is_owed = false;
  tidy(where, session_id);
}

void mirror::rank(room& where, std::int64_t session_id, std::string_view before,
                  std::string_view now, std::vector<Event>& out) {
  auto who = people_.find_packed(session_id);
  if (!who)
    return;
  auto e = make_();
  e.set_channel(where.name);
  auto change = [&](std::string_view all, std::string_view known, bool add) {
    for (auto prefix : all)
      if (auto* mode = irc::find_prefix(prefix); mode && known.find(prefix) == known.npos) {
        auto* x = e.mutable_modes()->add_changes();
        x->set_add(add);
        x->set_letter(std::string{mode->letter});
        x->set_param(std::string{who->nick()});
        x->set_session_id(session_id);
      }
  };
  change(before, now, false);
  change(now, before, true);
  if (e.modes().changes_size() > 0)
    out.push_back(std::move(e));
}

void mirror::met(const packed_user& x, std::vector<Event>& out) {
  auto of = of_session_.find(x.session_id());
  if (of == of_session_.end())
    return;
  for (auto* where : of->second) {
    auto& s = where->seats.at(x.session_id());
    s.is_doubtful = false;
    if (s.is_owed && !s.is_shown)
      come(*where, x.session_id(), s, out);
  }
}

void mirror::doubt(std::int64_t session_id) {
  auto of = of_session_.find(session_id);
  if (of == of_session_.end())
    return;
  for (auto* where : of->second) {
    auto& s = where->seats.at(session_id);
    s.is_doubtful = true;
    if (!s.is_member)
      leaving_.emplace_back(irc::fold(where->name), session_id);
  }
}

void mirror::settle(std::vector<Event>& out) {
  for (auto& [folded, id] : std::exchange(left_, std::exchange(leaving_, {}))) {
    auto at = rooms_.find(folded);
    if (at == rooms_.end())
      continue;
    auto s = at->second.seats.find(id);
    if (s != at->second.seats.end() && s->second.is_doubtful && !s->second.is_member)
      go(at->second, id, out);
  }
}

// -- what it hears --------------------------------------------------------------------------------

bool mirror::hear(const Event& x) {
  auto id = x.source().session_id();
  auto leaves = [&](std::int64_t who) {
    auto at = rooms_.find(irc::fold(x.channel()));
    auto* s = at == rooms_.end()               ? nullptr
              : at->second.seats.contains(who) ? &at->second.seats.at(who)
                                               : nullptr;
    if (s == nullptr || !s->is_shown)
      return false;
    s->is_shown = false;
    tidy(at->second, who);
    close_if_empty(at->second);
    return true;
  };
  if (!x.channel().empty()) {
    if (is_local_channel(x.channel()))
      return true;
    if (x.has_joined()) {
      auto& s = sit(open(x.channel()), id);
      s.is_owed = false;
      return !std::exchange(s.is_shown, true);
    }
    if (x.has_parted())
      return leaves(id);
    if (x.has_kicked())
      return leaves(x.kicked().target().session_id());
    if (x.has_renamed())
      hear_rename(x);
    else if (auto at = rooms_.find(irc::fold(x.channel()));
             at != rooms_.end() && at->second.state && at->second.state->epoch() == x.epoch())
      at->second.state->set_seq(std::max(at->second.state->seq(), x.seq()));
    return true;
  }
  if (x.has_quit()) {
    auto of = of_session_.find(id);
    if (of == of_session_.end())
      return true;
    for (auto* where : std::vector<room*>{of->second}) {
      where->seats.at(id).is_shown = false;
      where->seats.at(id).is_owed = false;
      tidy(*where, id);
      close_if_empty(*where);
    }
  }
  return true;
}

void mirror::hear_rename(const Event& x) {
  auto from = irc::fold(x.channel());
  if (from == irc::fold(x.renamed().new_name()) || !rooms_.contains(from))
    return;
  auto& to = open(x.renamed().new_name());
  auto& old = rooms_.at(from);
  std::vector<std::int64_t> all;
  for (auto& [id, s] : old.seats)
    all.push_back(id);
  for (auto id : all) {
    auto& s = old.seats.at(id);
    if (std::exchange(s.is_shown, false))
      sit(to, id).is_shown = true;
    tidy(old, id);
  }
  close_if_empty(old);
}

} // namespace hamlet
