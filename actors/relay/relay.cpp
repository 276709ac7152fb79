// SPDX-License-Identifier: Apache-2.0
#include "actors/relay/relay.hpp"

#include "actors/cluster/verbs.hpp"
#include "actors/nick/nick_table.hpp"
#include "actors/relay/relay_actor.hpp"
#include "actors/resume.hpp"
#include "lib/base/clock.hpp"
#include "lib/irc/casemap.hpp"
#include "lib/log/log.hpp"

#include <caf/send.hpp>

namespace hamlet {

using namespace chat::v1;

namespace {

constexpr std::chrono::milliseconds look_every{200}; // while something waits
constexpr std::chrono::milliseconds report_patience{10'000};
constexpr std::chrono::seconds news_patience{10}; // until a batch counts as lost

void put(Publish& into, std::vector<Event> all) {
  for (auto& x : all)
    *into.add_events() = std::move(x);
}

} // namespace

cluster::instant relay_state::now() const {
  return std::chrono::duration_cast<cluster::instant>(self->clock().now().time_since_epoch());
}

// -- what happens here ----------------------------------------------------------------------------

caf::result<Reply> relay_state::publish(Publish& x) {
  relay_effects out;
  for (auto& e : x.events())
    core->publish(e, out);
  follow(std::move(out));
  pump();
  auto& stamp = *x.mutable_reply()->mutable_stamp();
  if (stamp.incarnation() == 0) {
    stamp.set_incarnation(core->me());
    stamp.set_number(core->last());
  } else if (auto promise = hold_back(x)) {
    return *promise;
  }
  fail_if_lost(x);
  return self->delegate(parts->fanout, std::move(x));
}

void relay_state::run(relay_note& x) {
  relay_effects out;
  x.run(*this, out);
  follow(std::move(out));
  pump();
}

caf::result<Reported> relay_state::report(Report& x) {
  auto promise = self->make_response_promise<Reported>();
  reports.push_back({promise, std::move(x), now() + report_patience});
  answer_reports();
  if (!reports.empty())
    look_later();
  return promise;
}

void relay_state::answer_reports() {
  std::erase_if(reports, [&](waiting_report& x) {
    // What a node that has left said last may wait here still, for what has caused it.
    for (auto& [from, line] : waiting)
      if (!x.what.after().contains(from) && now() < x.until)
        return false;
    for (auto& [who, number] : x.what.after())
      if (who != core->me() && !core->has(who, number)) {
        if (now() < x.until)
          return false;
        refuse(x.to, {errc::timed_out, "news of another node have not come"});
        return true;
      }
    x.to.deliver(core->report(x.what.kind(), x.what.number()));
    return true;
  });
}

// -- what others get
// --------------------------------------------------------------------------------

/// Each peer has one batch under way at most; what is refused or lost goes again at the next look.
void relay_state::pump() {
  auto by_bus = publish_by_bus();
  if (by_bus && settling < core->last())
    look_later(); // and ask who has it
  for (auto peer : core->peers())
    if (!resting.contains(peer) && !(by_bus && comes_by_bus(peer)))
      if (auto news = core->news_for(peer))
        send(peer, std::move(*news));
}

void relay_state::send(cluster::incarnation peer, std::string news) {
  auto* out = parts->nodes->out;
  if (out == nullptr)
    return core->failed(peer);
  cluster::command x;
  x.number = parts->homes->here();
  if (auto* node = view->find(peer))
    x.number = static_cast<std::int32_t>(node->node_id);
  x.epoch = peer;
  x.id = {core->me(), cluster::next_number()};
  x.left = news_patience;
  x.type = cluster::verb_of<relay_actor, News>::number;
  x.payload = std::move(news);
  auto then = [this, peer, me = core->me()](result<cluster::reply> got) {
    if (me == core->me()) // else it counts what we have told under another name
      answered(peer, std::move(got));
  };
  out->send(peer, std::move(x),
            [answer = resume<cluster::reply>(static_cast<caf::scheduled_actor*>(self), limits,
                                             news_patience, std::move(then))](cluster::reply with) {
              answer(std::move(with));
            });
}

void relay_state::answered(cluster::incarnation peer, result<cluster::reply> got) {
  NewsTaken taken;
  auto is_read = got && got->what == cluster::delivery::ok && taken.ParseFromString(got->payload);
  if (!is_read)
    core->failed(peer);
  auto is_more = is_read && core->taken(peer, taken);
  answer_told();
  if (is_more)
    return pump();
  resting.insert(peer);
  look_later();
}

// -- from time to time
// ------------------------------------------------------------------------------

void relay_state::look() {
  relay_effects out;
  auto& where = *parts->nodes->where;
  if (auto seen = where.view(); seen != view || where.me() != core->me()) {
    take_last_words(*seen);
    view = std::move(seen);
    core->set_rules(*parts->rules->get());
    core->set_view(*view, where.me(), now(), out);
    auto peers = core->peers();
    for (auto peer : peers)
      parts->nodes->heard->set(peer, *core->next_of(peer));
    parts->nodes->heard->keep_only(peers);
  }
  core->tick(now(), out);
  follow(std::move(out));
  release_late();
  give_up_waiting();
  answer_reports();
  answer_told();
  resting.clear();
  send_digests();
  pump();
  if (!held.empty() || !waiting.empty() || !reports.empty() || !untold.empty() || core->waits()
      || !resting.empty() || (parts->bus != nullptr && settled < core->last()))
    look_later();
}

void relay_state::wait_until_told(std::chrono::milliseconds patience, std::function<void()> then) {
  untold.push_back({core->last(), now() + patience, std::move(then)});
  answer_told();
  if (!untold.empty())
    look_later();
}

void relay_state::answer_told() {
  std::erase_if(untold, [&](waiting_for_peers& x) {
    if (!core->is_told(x.number) && now() < x.until)
      return false;
    x.then();
    return true;
  });
}

void relay_state::look_later() {
  if (std::exchange(will_look, true))
    return;
  relay_note note{[](relay_state& state, relay_effects&) {
    state.will_look = false;
    state.look();
  }};
  self->delayed_send(self, look_every, resumption{std::make_shared<relay_note>(std::move(note))});
}

// -- what follows
// -----------------------------------------------------------------------------------

void relay_state::follow(relay_effects out) {
  if (core->waits())
    look_later();
  for (auto& x : out.gone)
    bury(x);
  for (auto& x : out.others)
    tell_owners(x);
  if (!out.events.empty()) {
    Publish news;
    put(news, std::move(out.events));
    caf::anon_send(parts->fanout, std::move(news));
  }
  for (auto node : out.dead_nodes)
    if (parts->on_node_gone)
      parts->on_node_gone(node);
  for (auto id : out.lost_copies)
    if (parts->on_copy_lost)
      parts->on_copy_lost(id);
  for (auto id : out.kept_copies)
    if (parts->on_copy_kept)
      parts->on_copy_kept(id);
  if (out.books_changed && parts->on_books_changed)
    parts->on_books_changed();
}

bool relay_state::is_ours(cluster::shard_kind kind, std::string_view key) const {
  auto* shard = view->find({kind, static_cast<std::int32_t>(shard_of(key))});
  return shard != nullptr && shard->owner == core->me();
}

/// Before their members hear of it. One that is about to open here waits in its proxy for the note.
void relay_state::tell_owners(const relay_effects::changed& x) {
  for (auto& channel : x.channels) {
    auto folded = irc::fold(channel);
    if (!is_ours(cluster::shard_kind::channel, folded))
      continue;
    Request note;
    note.set_session_id(x.who.session_id());
    *note.mutable_who() = x.who;
    note.set_channel(channel);
    note.set_now_ms(x.now_ms);
    note.mutable_member_changed();
    caf::anon_send(parts->owners().channel_of(folded), std::move(note));
  }
}

/// The owners here forget it. One that is about to open here waits in its proxy for the note.
void relay_state::bury(const relay_effects::ended& x) {
  auto note = [&] {
    Request made;
    made.set_session_id(x.who.session_id());
    *made.mutable_who() = x.who;
    made.set_now_ms(x.quit.has_quit() ? x.quit.time_ms() : unix_milliseconds());
    return made;
  };
  for (auto& channel : x.channels) {
    auto folded = irc::fold(channel);
    if (!is_ours(cluster::shard_kind::channel, folded))
      continue;
    auto leave = note();
    leave.set_channel(channel);
    leave.mutable_leave()->set_reason(x.quit.quit().reason());
    leave.mutable_leave()->set_event_id(x.quit.id());
    caf::anon_send(parts->owners().channel_of(folded), std::move(leave));
  }
  if (x.who.nick().empty())
    return;
  for (auto& key : nick_keys(x.who.nick()))
    if (is_ours(cluster::shard_kind::nick, key)) {
      auto release = note();
      release.mutable_release_nick()->set_nick(x.who.nick());
      caf::anon_send(parts->owners().nick_of(key), std::move(release));
    }
}

local_relay_actor::behavior_type
relay_behavior(local_relay_actor::stateful_pointer<relay_state> self, relay_parts parts) {
  auto& s = self->state;
  s.self = self;
  s.parts.emplace(std::move(parts));
  relay_core::parts with{s.parts->people, s.parts->homes.get(), s.parts->claims, s.parts->next_id,
                         unix_milliseconds};
  s.core.emplace(std::move(with), *s.parts->rules->get());
  return {
    [self](Publish& x) { return self->state.publish(x); },
    [self](Request& x) -> caf::result<Reply> {
      auto& to = *self->state.parts;
      return self->delegate(x.has_read_books() ? to.network() : to.session_here(x.session_id()),
                            std::move(x));
    },
    [self](News& x) { return self->state.take(x); },
    [self](const GetNumber&) {
      NumberIs x;
      x.set_last(self->state.core->last());
      return x;
    },
    [self](Report& x) { return self->state.report(x); },
    [self](caf::tick_atom) { self->state.look(); },
    [self](resumption& x) { self->state.run(*std::static_pointer_cast<relay_note>(x.answer)); },
  };
}

} // namespace hamlet
