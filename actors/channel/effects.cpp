// SPDX-License-Identifier: Apache-2.0
#include "actors/channel/channel_shard.hpp"
#include "actors/chat/history.hpp"
#include "actors/resume.hpp"
#include "lib/log/log.hpp"
#include "storage/chat/keys.hpp"

// What follows from a decision: for presence, for the store, for the sessions.

namespace hamlet {

using namespace chat::v1;

namespace {

constexpr std::chrono::seconds store_timeout{25};
constexpr std::int64_t touch_ms = 3'600'000; // how exactly the store knows when it was last used
constexpr std::size_t most_unregistered = 10'000; // names
constexpr std::size_t look_every = 1000;          // rows, until too old ones are removed

sql::channel_settings settings_of(const channel& c) {
  sql::channel_settings s;
  auto flags = c.flags_text();
  std::erase(flags, 'r'); // is not chosen
  s.modes = flags;
  s.key = c.param('k');
  if (auto limit = c.param('l'); !limit.empty())
    s.user_limit = std::stoll(limit);
  s.forward = c.param('L');
  for (auto letter : {'f', 'j', 'H'}) // one column: "f5:10 j3:2"
    if (auto value = c.param(letter); !value.empty())
      s.flood += (s.flood.empty() ? "" : " ") + std::string{letter} + value;
  s.retention_days = c.registered().retention_days;
  s.description = c.registered().description;
  return s;
}

} // namespace

void channel_shard_state::show(room& r, channel_turn& x) {
  auto& c = *r.open;
  if (x.all_prefixed && x.ask.has_adopt()) // all at once would be new to nodes who miss the RENAME
    for (auto& [session, m] : c.members())
      tell_member(c, session);
  else if (x.all_prefixed)
    tell_members(c);
  else
    for (auto session : x.prefixed)
      tell_member(c, session);
  for (auto* all : {&x.gone, &x.quit})
    for (auto session : *all)
      if (!c.members().contains(session))
        tell_member_gone(c, session);
  if (x.card_changed && !c.may_end())
    parts->people->put(std::make_shared<const channel_card>(c.card()));
}

/// What fails is true here until the channel is loaded again. Until then nobody waits for it, but
/// an empty channel: it would be loaded as it was before.
void channel_shard_state::save(room& r, const channel_saves& what, std::int64_t now_ms) {
  auto& c = *r.open;
  auto kept = [&] {
    ++r.saving;
    return resume<void_t>(
      self, limits, store_timeout,
      [this, name = c.name(), folded = c.folded()](const result<void_t>& done) {
        if (!done && done.error().code != errc::not_found)
          log::error("channel", "not_saved", {{"channel", name}, {"why", done.error().detail}});
        auto found = rooms.find(folded);
        if (found != rooms.end() && found->second.saving > 0 && --found->second.saving == 0)
          settle(folded);
      });
  };
  auto id = c.registered().id;
  auto& store = parts->channels;
  if (what.settings)
    store.update(id, settings_of(c), kept());
  if (what.topic)
    store.set_topic(id, {c.topic().text(), c.topic().setter(), c.topic().set_ms()}, kept());
  for (auto& e : what.lists)
    if (e.add)
      store.add_entry(id, {e.kind, e.mask, e.setter, e.set_ms}, SIZE_MAX / 2, kept());
    else
      store.remove_entry(id, e.kind, e.mask, kept());
  if (what.use && now_ms - c.registered().used_ms >= touch_ms) {
    c.set_used(now_ms);
    store.touch(id, now_ms, kept());
  }
}

/// A SESSION that has ended before it hears of its channel answers by Leave.
void channel_shard_state::tell_sessions(const std::string& where, channel_turn& x) {
  auto tell = [&](std::int64_t session, auto fill) {
    Request note;
    note.set_session_id(session);
    note.set_now_ms(x.now_ms);
    fill(note);
    caf::anon_send(parts->owners().session_of(session), std::move(note));
  };
  for (auto session : x.came)
    tell(session, [&](Request& note) { note.mutable_joined()->set_channel(where); });
  for (auto session : x.gone)
    tell(session, [&](Request& note) { note.mutable_removed()->set_channel(where); });
  for (auto& [session, event] : x.rings)
    tell(session, [&](Request& note) {
      *note.mutable_origin() = event.origin();
      *note.mutable_ring()->mutable_event() = std::move(event);
    });
}

/// What may be read again. Of a channel of this node alone nothing is kept.
void channel_shard_state::record(room& r, const channel_turn& x) {
  auto& c = *r.open;
  auto most = c.is_registered() ? x.rules.history_registered : x.rules.history_unregistered;
  if (!x.rules.keeps_history || c.is_local() || (most == 0 && !c.is_registered()))
    return;
  auto before = r.kept;
  for (auto* all : {&x.events, &x.rows})
    for (auto& e : *all)
      if (is_kept(e)) {
        history->append(to_row(e, c.target()));
        ++r.kept;
      }
  if (before / look_every == r.kept / look_every)
    return;
  if (most != 0)
    history->when_written([this, target = c.target(), most] {
      history->store().keep_last(target, most, 2 * look_every, [](const result<std::int64_t>&) {});
    });
}

/// The store is not asked again.
void channel_shard_state::note_unregistered(const std::string& folded) {
  if (folded.starts_with('&'))
    return;
  if (unregistered.size() >= most_unregistered)
    unregistered.clear();
  unregistered.insert(folded);
}

/// RFC 1459 §1.3: a channel ends with its last member. One that is registered is in the store.
void channel_shard_state::end(const std::string& folded, room& r) {
  tell_end(r, *r.open);
  if (r.open->is_registered() || r.kept == 0)
    return;
  note_unregistered(folded);
  history->when_written([this, target = r.open->target()] {
    history->store().remove_target(target, [](const result<std::int64_t>&) {});
  });
}

} // namespace hamlet
