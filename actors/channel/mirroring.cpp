// SPDX-License-Identifier: Apache-2.0
#include "actors/channel/channel_shard.hpp"
#include "lib/irc/casemap.hpp"
#include "lib/log/log.hpp"

#include <map>

// What presence is told, and in a cluster all other nodes: when this one dies, another goes on with
// its channels as they were.

namespace hamlet {

using namespace chat::v1;

namespace {

/// Whether such a request may have changed what a channel is, beside its members.
bool may_change_state(Request::VerbCase verb) {
  switch (verb) {
  case Request::kJoin: // also one that was refused: it is noted who was kept out
  case Request::kKick:
  case Request::kInvite:
  case Request::kSetTopic:
  case Request::kSetModes:
  case Request::kClearChannel:
  case Request::kRegisterChannel:
  case Request::kDropChannel:
  case Request::kSetAccess:
  case Request::kSetChannelOption:
  case Request::kSetMetadata:
  case Request::kAdopt:
  case Request::kRename: return true;
  default: return false;
  }
}

/// Equal for states that mean the same. Never 0.
std::size_t hash_of(ChannelState x) {
  std::string all;
  for (auto* pairs : {x.mutable_params(), x.mutable_metadata()}) { // they come in any order
    for (auto& [key, value] : std::map<std::string, std::string>{pairs->begin(), pairs->end()})
      all.append(key).append(1, '\0').append(value).append(1, '\0');
    all.append(1, '\0');
    pairs->clear();
  }
  x.clear_seq();
  x.clear_used_ms();
  x.AppendToString(&all);
  return std::hash<std::string>{}(all) | 1;
}

} // namespace

void channel_shard_state::tell_member(const channel& c, std::int64_t session) {
  auto m = c.members().find(session);
  if (m == c.members().end())
    return;
  if (parts->mirror != nullptr)
    parts->mirror->member(c.full_place_of(m->second));
  else
    parts->people->set_member(session, c.place_of(m->second));
}

void channel_shard_state::tell_members(const channel& c) {
  if (parts->mirror == nullptr) {
    for (auto& [session, m] : c.members())
      parts->people->set_member(session, c.place_of(m));
    return;
  }
  Members all;
  all.set_channel(c.name());
  for (auto& [session, m] : c.members()) {
    auto& x = *all.add_members() = c.full_place_of(m);
    x.clear_channel();
  }
  parts->mirror->members(all);
}

void channel_shard_state::tell_member_gone(const channel& c, std::int64_t session) {
  if (parts->mirror != nullptr)
    parts->mirror->member_gone(c.name(), session);
  else
    parts->people->remove_member(session, c.name());
}

/// Nobody is told of a channel that is about to end.
void channel_shard_state::tell_state(room& r, const Request& after) {
  if (parts->mirror == nullptr || !may_change_state(after.verb_case()) || r.open->may_end())
    return;
  auto now = r.open->state(channel::with::no_members);
  auto hash = hash_of(now);
  if (std::exchange(r.mirrored, hash) != hash)
    parts->mirror->state(now);
}

void channel_shard_state::tell_end(room& r, const channel& c) {
  if (parts->mirror == nullptr)
    parts->people->remove_channel(c.name());
  else if (std::exchange(r.mirrored, 0) != 0)
    parts->mirror->ended(c.name());
}

// -- going on with what another has left ----------------------------------------------------------

void channel_shard_state::recover(const std::vector<ChannelState>& known) {
  for (auto& x : known) {
    if (x.name().empty())
      continue;
    auto& r = rooms[irc::fold(x.name())];
    if (r.open && std::pair{r.open->epoch(), r.open->seq()} > std::pair{x.epoch(), x.seq()})
      continue;
    r.open.emplace(channel::recovered(x, parts->next_id(), find_user));
    r.kept = 1; // its history goes when it ends
  }
}

/// All others hear what is so now. The sessions hear it, too: one that has ended, or does not know
/// of a channel, was cut off in the middle of a JOIN.
void channel_shard_state::tell_recovered() {
  std::vector<std::string> all;
  for (auto& [folded, r] : rooms)
    if (r.open)
      all.push_back(folded);
  if (!all.empty())
    log::info("channel", "recovered", {{"channels", all.size()}});
  for (auto& folded : all) {
    auto& r = rooms.at(folded);
    auto& c = *r.open;
    if (parts->mirror != nullptr) {
      auto now = c.state(channel::with::no_members);
      r.mirrored = hash_of(now);
      parts->mirror->state(now);
    }
    tell_members(c);
    if (!c.may_end())
      parts->people->put(std::make_shared<const channel_card>(c.card()));
    for (auto& [session, m] : c.members()) {
      if (parts->where && parts->where->is_lost(session))
        continue; // whoever is there now does not know it
      Request note;
      note.set_session_id(session);
      m.user->read(*note.mutable_who()); // all have seen it, and see its QUIT
      note.mutable_joined()->set_channel(c.name());
      caf::anon_send(parts->owners().session_of(session), std::move(note));
    }
    settle(folded);
  }
}

} // namespace hamlet
