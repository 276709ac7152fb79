// SPDX-License-Identifier: Apache-2.0
#include "actors/relay/mirror.hpp"

#include "actors/router.hpp"
#include "lib/irc/casemap.hpp"
#include "lib/irc/mode_table.hpp"

#include <algorithm>
#include <unordered_set>

namespace hamlet {

using namespace chat::v1;

bool is_local_channel(std::string_view name) {
  return name.starts_with('&');
}

ChannelShown shown_of(const channel_card& x) {
  ChannelShown to;
  to.set_name(x.name);
  to.set_topic(x.topic);
  to.set_topic_setter(x.topic_setter);
  to.set_topic_ms(x.topic_ms);
  to.set_created_ms(x.created_ms);
  to.set_members(x.members);
  to.set_is_secret(x.is_secret);
  to.set_is_private(x.is_private);
  to.set_is_registered(x.is_registered);
  to.set_modes(x.modes);
  return to;
}

channel_ref card_of(const ChannelShown& x) {
  return std::make_shared<const channel_card>(
    channel_card{x.name(), x.topic(), x.topic_setter(), x.topic_ms(), x.created_ms(), x.members(),
                 x.is_secret(), x.is_private(), x.is_registered(), x.modes()});
}

// -- rooms and seats ------------------------------------------------------------------------------

mirror::room& mirror::open(std::string_view channel) {
  auto folded = irc::fold(channel);
  auto [at, is_new] = rooms_.try_emplace(folded);
  if (is_new) {
    at->second.name = channel;
    at->second.shard = static_cast<std::uint8_t>(shard_of(std::string_view{folded}));
  }
  return at->second;
}

const mirror::room* mirror::find(std::string_view channel) const {
  auto found = rooms_.find(irc::fold(channel));
  return found == rooms_.end() ? nullptr : &found->second;
}

mirror::seat& mirror::sit(room& where, std::int64_t session_id) {
  auto [at, is_new] = where.seats.try_emplace(session_id);
  if (is_new)
    of_session_[session_id].push_back(&where);
  return at->second;
}

/// A seat that nobody takes for one goes.
void mirror::tidy(room& where, std::int64_t session_id) {
  auto found = where.seats.find(session_id);
  if (found == where.seats.end() || found->second.is_member || found->second.is_shown)
    return;
  where.seats.erase(found);
  if (auto of = of_session_.find(session_id); of != of_session_.end()) {
    std::erase(of->second, &where);
    if (of->second.empty())
      of_session_.erase(of);
  }
}

void mirror::close_if_empty(room& where) {
  if (!where.is_known && where.seats.empty())
    rooms_.erase(irc::fold(where.name));
}

// -- what owners say ------------------------------------------------------------------------------

void mirror::take(seat& to, const Place& x) {
  to.is_member = true;
  to.rights = static_cast<std::uint8_t>(x.rights());
  to.joined_ms = x.joined_ms();
  to.reads_from_ms = x.reads_from_ms();
  to.is_hidden = x.is_hidden();
  to.prefixes = {};
  std::ranges::copy_n(
    x.prefixes().begin(),
    static_cast<std::ptrdiff_t>(std::min(x.prefixes().size(), to.prefixes.size())),
    to.prefixes.begin());
}

void mirror::place(const Place& x, owner from) {
  auto& where = open(x.channel());
  where.is_known = true;
  where.from = from;
  take(sit(where, x.session_id()), x);
  if (from != here)
    people_.set_member(x.session_id(), {x.channel(), x.prefixes(), x.is_hidden()});
}

void mirror::unplace(std::string_view channel, std::int64_t session_id, owner from) {
  if (from != here)
    people_.remove_member(session_id, channel);
  auto at = rooms_.find(irc::fold(channel));
  if (at == rooms_.end())
    return;
  if (auto found = at->second.seats.find(session_id); found != at->second.seats.end()) {
    found->second.is_member = found->second.is_owed = false;
    // Of whom its home tells nothing: its QUIT may be among what a snapshot has left out.
    if (found->second.is_shown && !people_.find_packed(session_id))
      found->second.is_doubtful = true;
    if (found->second.is_doubtful)
      leaving_.emplace_back(at->first, session_id);
    tidy(at->second, session_id);
  }
}

void mirror::set_state(ChannelState x, owner from) {
  auto& where = open(x.name());
  where.name = x.name();
  where.from = from;
  where.is_known = true;
  x.clear_members();
  where.state = std::make_unique<ChannelState>(std::move(x));
}

void mirror::show(const ChannelShown& x, owner from) {
  auto& where = open(x.name());
  where.name = x.name();
  where.from = from;
  where.is_known = true;
  if (from != here)
    people_.learn(card_of(x));
}

void mirror::set_members(const Members& x, owner from, std::vector<Event>& out) {
  auto& where = open(x.channel());
  where.from = from;
  where.is_known = true;
  std::unordered_set<std::int64_t> named;
  for (auto& m : x.members()) {
    auto id = m.session_id();
    named.insert(id);
    auto& s = sit(where, id);
    std::string before{s.prefix_text()};
    auto was_member = s.is_member;
    take(s, m);
    if (from != here)
      people_.set_member(id, {x.channel(), m.prefixes(), m.is_hidden()});
    if (!s.is_shown)
      come(where, id, s, out);
    else if (was_member && before != m.prefixes())
      rank(where, id, before, m.prefixes(), out);
  }
  std::vector<std::int64_t> unnamed;
  for (auto& [id, s] : where.seats)
    if (!named.contains(id))
      unnamed.push_back(id);
  for (auto id : unnamed) {
    people_.remove_member(id, where.name);
    go(where, id, out);
  }
}

void mirror::end(std::string_view channel, owner from) {
  if (from != here)
    people_.forget_channel(channel);
  auto at = rooms_.find(irc::fold(channel));
  if (at == rooms_.end())
    return;
  auto& where = at->second;
  where.state.reset();
  where.is_known = false;
  std::vector<std::int64_t> all;
  for (auto& [id, s] : where.seats)
    all.push_back(id);
  for (auto id : all) {
    people_.remove_member(id, channel);
    auto& s = where.seats.at(id);
    s.is_member = s.is_owed = false;
    tidy(where, id);
  }
  close_if_empty(where);
}

void mirror::end_unseen(const std::string& folded, std::vector<Event>& out) {
  auto at = rooms_.find(folded);
  if (at == rooms_.end())
    return;
  auto name = at->second.name;
  std::vector<std::int64_t> all;
  for (auto& [id, s] : at->second.seats)
    all.push_back(id);
  for (auto id : all)
    go(at->second, id, out);
  end(name, at->second.from);
  people_.forget_channel(name);
}

// -- to look at -----------------------------------------------------------------------------------

std::vector<std::string> mirror::channels_of(std::int64_t session_id) const {
  std::vector<std::string> found;
  if (auto of = of_session_.find(session_id); of != of_session_.end())
    for (auto* where : of->second)
      if (where->seats.at(session_id).is_member)
        found.push_back(where->name);
  return found;
}

std::vector<std::int64_t> mirror::sessions() const {
  std::vector<std::int64_t> all;
  for (auto& [id, where] : of_session_)
    all.push_back(id);
  return all;
}

void mirror::drop_session(std::int64_t session_id) {
  auto of = of_session_.find(session_id);
  if (of == of_session_.end())
    return;
  for (auto* where : std::vector<room*>{of->second}) {
    auto& s = where->seats.at(session_id);
    s.is_member = s.is_shown = s.is_owed = false;
    tidy(*where, session_id);
    close_if_empty(*where);
  }
}

void mirror::tell(const room& x, const std::function<void(const NewsItem&)>& to) const {
  NewsItem item;
  if (auto card = people_.find_channel(x.name)) {
    *item.mutable_channel() = shown_of(*card);
    to(item);
  }
  if (x.state) {
    *item.mutable_state() = *x.state;
    to(item);
  }
  item.mutable_members()->set_channel(x.name);
  for (auto& [id, s] : x.seats)
    if (s.is_member) {
      auto* m = item.mutable_members()->add_members();
      m->set_session_id(id);
      m->set_prefixes(std::string{s.prefix_text()});
      m->set_is_hidden(s.is_hidden);
      m->set_rights(s.rights);
      m->set_joined_ms(s.joined_ms);
      m->set_reads_from_ms(s.reads_from_ms);
    }
  to(item);
}

} // namespace hamlet
