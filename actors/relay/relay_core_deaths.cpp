// SPDX-License-Identifier: Apache-2.0
#include "actors/relay/relay_core.hpp"
#include "lib/irc/casemap.hpp"

#include <algorithm>

// A node has died: who was there is gone, or may come back.

namespace hamlet {

using namespace chat::v1;

void relay_core::bury(incarnation of, std::uint16_t node, instant now, relay_effects& out) {
  parts_.where->set_dead(node, true); // before all that follows from it
  out.dead_nodes.push_back(node);
  std::vector<std::int64_t> guests;
  for (auto& [id, x] : users_) {
    if (x.from != of)
      continue;
    if (x.card && x.card->account_id() != 0 && rules_.grace.count() > 0) {
      lose(id, now + rules_.grace);
      hang_up(id, out);
    } else
      guests.push_back(id);
  }
  // Those of whom only a channel has told; unless the node lives again: then they are of its next
  // life, of which we have yet to hear.
  auto lives_again = std::ranges::any_of(
    view_.nodes, [node](const auto& x) { return x.alive() && x.node_id == node; });
  for (auto id : channels_.sessions())
    if (!lives_again && !users_.contains(id) && parts_.where->node_of(id) == node)
      guests.push_back(id);
  for (auto id : guests)
    quit(id, out);
}

void relay_core::lose(std::int64_t session_id, instant until) {
  auto& x = users_.at(session_id);
  lost_[session_id] = until;
  lost_nicks_[irc::fold(x.card->nick())] = session_id;
  parts_.where->lose(session_id);
}

void relay_core::found(std::int64_t session_id) {
  if (lost_.erase(session_id) == 0)
    return;
  std::erase_if(lost_nicks_, [&](auto& x) { return x.second == session_id; });
}

void relay_core::hang_up(std::int64_t session_id, relay_effects& out) {
  auto e = server_event();
  e.mutable_source()->set_session_id(session_id);
  if (auto at = users_.find(session_id); at != users_.end() && at->second.card)
    at->second.card->read(*e.mutable_source());
  e.add_sessions(session_id);
  e.mutable_ended()->set_reason(rules_.lost);
  out.events.push_back(std::move(e));
}

void relay_core::lose_copy(std::int64_t session_id, relay_effects& out) {
  hang_up(session_id, out);
  out.lost_copies.push_back(session_id);
}

/// Others have buried us: they have seen the QUITs, and give our nicks and places to whoever comes.
void relay_core::end_own(relay_effects& out) {
  std::vector<std::int64_t> own;
  for (auto& [id, x] : users_)
    if (x.from == mirror::here)
      own.push_back(id);
    else
      hang_up(id, out); // who is at home elsewhere may be connected here: that client was given up
  for (auto id : own) {
    hang_up(id, out);
    quit(id, out);
    gone_.forget(id); // a member's may go on elsewhere
  }
  out.dead_nodes.push_back(parts_.where->here());
  log_.restart();
  for (auto& [who, x] : peers_) { // all anew: what we have just ended may be true of another node
    x.out = {};
    x.in = {};
  }
}

void relay_core::quit(std::int64_t session_id, relay_effects& out) {
  auto at = users_.find(session_id);
  Who who;
  if (at != users_.end() && at->second.card)
    at->second.card->read(who);
  who.set_session_id(session_id);
  found(session_id);
  auto e = server_event();
  *e.mutable_source() = who;
  e.mutable_quit()->set_reason(rules_.lost);
  if (out.split_id == 0)
    out.split_id = parts_.next_id();
  e.mutable_quit()->set_split_id(out.split_id);
  out.events.push_back(e);
  auto channels = channels_.channels_of(session_id);
  if (!who.nick().empty()) {
    auto offline = server_event();
    *offline.mutable_source() = who;
    offline.mutable_offline()->set_nick(who.nick());
    out.events.push_back(std::move(offline));
  }
  out.gone.push_back({std::move(who), std::move(channels), std::move(e)});
  channels_.drop_session(session_id);
  parts_.people->forget(session_id, parts_.wall_ms());
  parts_.where->forget(session_id);
  if (at != users_.end())
    users_.erase(at);
  adopters_.erase(session_id);
  gone_.add(session_id);
}

void relay_core::free_nick(std::string_view nick, std::int64_t for_session, relay_effects& out) {
  if (lost_nicks_.empty() || nick.empty())
    return;
  auto found = lost_nicks_.find(irc::fold(nick));
  if (found != lost_nicks_.end() && found->second != for_session)
    quit(found->second, out);
}

void relay_core::tick(instant now, relay_effects& out) {
  std::vector<std::int64_t> over;
  for (auto& [id, until] : lost_)
    if (until <= now)
      over.push_back(id);
  for (auto id : over)
    quit(id, out);
  channels_.settle(out.events);
}

} // namespace hamlet
