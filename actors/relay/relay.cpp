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
// Longer than it takes until a silent node counts as dead, shorter than a client waits.
constexpr std::chrono::milliseconds reply_patience{13'000};
constexpr std::chrono::milliseconds report_patience{10'000};
constexpr std::chrono::seconds news_patience{10}; // until a batch counts as lost
constexpr std::size_t most_held = 10'000;         // replies
constexpr std::size_t most_held_octets = 16u << 20;

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
  } else if (stamp.incarnation() != core->me() && !core->has(stamp.incarnation(), stamp.number())) {
    auto octets = x.reply().ByteSizeLong();
    if (held.size() < most_held && held_octets + octets <= most_held_octets)
      return hold(x, octets);
    log::warning("relay", "too_many_replies_held", {{"start", stamp.incarnation()}});
  }
  fail_if_lost(x);
  return self->delegate(parts->fanout, std::move(x));
}

caf::result<Reply> relay_state::hold(Publish& x, std::size_t octets) {
  auto promise = self->make_response_promise<Reply>();
  std::pair key{x.reply().stamp().incarnation(), x.reply().stamp().number()};
  held.emplace(key, held_reply{promise, std::move(x), now() + reply_patience, octets});
  held_octets += octets;
  look_later();
  return promise;
}

/// A yes whose events died with their node is none: nobody has heard them, nobody knows of them.
void relay_state::fail_if_lost(Publish& x) const {
  auto& stamp = x.reply().stamp();
  if (x.reply().refusal() == NONE && core->is_lost(stamp.incarnation(), stamp.number()))
    x.mutable_reply()->set_refusal(FAILED);
}

void relay_state::run(relay_note& x) {
  relay_effects out;
  x.run(*this, out);
  follow(std::move(out));
  pump();
}

// -- what comes from others
// ------------------------------------------------------------------------

/// A reply that waits for one of these is given on behind that, not behind all of them.
NewsTaken relay_state::take(News& x) {
  while (!x.is_snapshot()) {
    auto next = held.lower_bound({x.incarnation(), x.first()});
    if (next == held.end() || next->first.first != x.incarnation()
        || next->first.second + 1 >= x.first() + static_cast<std::uint64_t>(x.items_size()))
      break;
    News head;
    head.set_incarnation(x.incarnation());
    head.set_first(x.first());
    auto count = static_cast<int>(next->first.second + 1 - x.first());
    std::vector<NewsItem*> items(static_cast<std::size_t>(count));
    x.mutable_items()->ExtractSubrange(0, count, items.data());
    for (auto* item : items)
      head.mutable_items()->AddAllocated(item);
    x.set_first(x.first() + static_cast<std::uint64_t>(count));
    take_part(head);
  }
  return take_part(x);
}

NewsTaken relay_state::take_part(News& x) {
  relay_effects out;
  auto answer = core->take(x, out);
  follow(std::move(out));
  release(x.incarnation());
  answer_reports();
  return answer;
}

/// Behind the events that it waited for.
void relay_state::release(cluster::incarnation of) {
  auto at = held.lower_bound({of, 0});
  while (at != held.end() && at->first.first == of && core->has(of, at->first.second))
    at = release(at);
}

relay_state::held_replies::iterator relay_state::release(held_replies::iterator at) {
  held_octets -= at->second.octets;
  fail_if_lost(at->second.what);
  at->second.to.delegate(parts->fanout, std::move(at->second.what));
  return held.erase(at);
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
    view = std::move(seen);
    core->set_rules(*parts->rules->get());
    core->set_view(*view, where.me(), now(), out);
  }
  core->tick(now(), out);
  follow(std::move(out));
  for (auto at = held.begin(); at != held.end();) {
    auto is_there = core->has(at->first.first, at->first.second);
    if (!is_there && now() < at->second.until) {
      ++at;
      continue;
    }
    if (!is_there)
      log::warning("relay", "reply_before_its_events", {{"start", at->first.first}});
    at = release(at);
  }
  answer_reports();
  answer_told();
  resting.clear();
  send_digests();
  pump();
  if (!held.empty() || !reports.empty() || !untold.empty() || core->waits() || !resting.empty()
      || (parts->bus != nullptr && settled < core->last()))
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
