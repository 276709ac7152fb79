// SPDX-License-Identifier: Apache-2.0
#include "actors/cluster/membership.hpp"

#include "actors/interfaces.hpp"
#include "lib/log/log.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include <algorithm>

namespace hamlet::cluster {

namespace {

/// What comes to MEMBERSHIP from outside of CAF, in a resumption.
using note = std::variant<event_t, link_event>;

void send(const caf::actor& to, note x) {
  caf::anon_send(to, resumption{std::make_shared<note>(std::move(x))});
}

} // namespace

// -- events -------------------------------------------------------------------

void membership_state::step(const event_t& what) {
  using std::chrono::duration_cast;
  auto now = duration_cast<instant>(self->clock().now().time_since_epoch());
  auto all = logic->step(what, now);
  parts->reads->set(logic->reads_until()); // before anybody acts
  for (const auto& x : all)
    std::visit([this](const auto& effect) { act(effect); }, x);
  set_timer();
}

/// One timer for all that is due; a new one only if that is too late.
void membership_state::set_timer() {
  caf::actor_clock::time_point due{logic->wake_at()};
  if (due >= timer)
    return;
  timer = due;
  auto wait = std::max(due - self->clock().now(), caf::actor_clock::duration_type{0});
  self->delayed_send(self, wait, caf::tick_atom_v);
}

/// What was seen on a wire, in the words of lib/cluster.
void membership_state::on(const link_event& x) {
  auto look = [this] { step(event::hinted{logic->seen()->version + 1}); };
  auto hear = [&](const link_up& up) {
    step(event::link_up{up.incarnation});
    if (logic->seen()->find(up.incarnation))
      step(event::hinted{up.view_version});
    else
      look();
  };
  auto miss = [&](const link_unreachable& gone) {
    step(event::link_down{gone.incarnation});
    if (gone.refused)
      step(event::probe_answered{gone.incarnation, reach::refused, logic->me()});
  };
  auto turned_away = [&](const link_refused& why) {
    // Somebody has come whom the view does not know yet, or is not who it was.
    if (why.why == link_refused::reason::name || why.why == link_refused::reason::stale)
      look();
  };
  if (const auto* up = std::get_if<link_up>(&x))
    hear(*up);
  else if (const auto* down = std::get_if<link_down>(&x))
    step(event::link_down{down->incarnation});
  else if (const auto* gone = std::get_if<link_unreachable>(&x))
    miss(*gone);
  else if (const auto* why = std::get_if<link_refused>(&x))
    turned_away(*why);
  else if (const auto* hint = std::get_if<view_hint>(&x))
    step(event::hinted{hint->version});
  else if (const auto* wanted = std::get_if<probe_wanted>(&x))
    step(event::probe_wanted{wanted->incarnation, wanted->by});
  else if (const auto* found = std::get_if<probe_answered>(&x))
    step(event::probe_answered{found->incarnation, found->found,
                               found->by == 0 ? logic->me() : found->by});
}

// -- the store ----------------------------------------------------------------

template <class Event>
sql::completion<Event> membership_state::back(Event lost) {
  return [me = caf::actor_cast<caf::actor>(self), lost](result<Event> x) {
    send(me, event_t{x ? std::move(*x) : lost});
  };
}

sql::completion<event::change_answered> membership_state::back() {
  return back(event::change_answered{outcome::unknown, 0});
}

void membership_state::act(const effect::join&) {
  parts->owners->publish(logic->seen(), 0);
  auto then = back(event::join_answered{outcome::unknown, 0, 0});
  parts->rows.join(parts->self, [then](result<event::join_answered> x) {
    if (!x && x.error().code == errc::bad_setup) // it was away, and the others have gone on
      log::error("cluster", "may not join", {{"why", x.error().detail}});
    then(std::move(x));
  });
}

void membership_state::act(const effect::joined& x) {
  parts->on_joined(x.me);
}

void membership_state::act(const effect::beat& x) {
  parts->rows.beat(x, parts->rules.ttl,
                   back(event::beat_answered{outcome::unknown, x.sent_at, 0, 0, {}}));
}

void membership_state::act(const effect::read_view& x) {
  parts->rows.read(x.known, [me = caf::actor_cast<caf::actor>(self)](result<view_ptr> seen) {
    auto is = seen ? outcome::accepted : outcome::unknown;
    send(me, event_t{event::view_answered{is, seen ? std::move(*seen) : nullptr}});
  });
}

void membership_state::act(const effect::claim& x) {
  parts->rows.claim(x, back());
}

void membership_state::act(const effect::hand_over& x) {
  parts->rows.hand_over(x, back());
}

void membership_state::act(const effect::place& x) {
  parts->rows.place(x, back());
}

void membership_state::act(const effect::declare_dead& x) {
  parts->rows.declare_dead(x, back());
}

void membership_state::act(const effect::mark_draining& x) {
  parts->rows.mark_draining(x.me, back());
}

void membership_state::act(const effect::leave& x) {
  parts->rows.leave(x.me, back(event::leave_answered{outcome::unknown}));
}

// -- this node ----------------------------------------------------------------

void membership_state::act(const effect::open_shard& x) {
  parts->owners->open(x.of);
}

void membership_state::act(const effect::seal_shard& x) {
  parts->owners->seal(x.of, [me = caf::actor_cast<caf::actor>(self), of = x.of] {
    send(me, event_t{event::finished{of}});
  });
}

void membership_state::act(const effect::end_shard& x) {
  parts->owners->end(x.of, x.to, x.epoch);
}

void membership_state::act(const effect::fence_reads&) {
} // step() has told read_permit

void membership_state::act(const effect::stopped&) {
  parts->owners->publish(logic->seen(), 0);
  parts->owners->stopped();
}

void membership_state::act(const effect::publish& x) {
  if (parts->link) {
    std::vector<link_peer> peers;
    for (const auto& n : x.seen->nodes)
      if (n.alive() && n.born != logic->me())
        peers.push_back({n.node_id, n.born, n.name, n.address});
    parts->link->set_peers(std::move(peers));
  }
  parts->owners->publish(x.seen, logic->me());
}

// -- other nodes --------------------------------------------------------------

void membership_state::act(const effect::probe& x) {
  if (parts->link)
    parts->link->probe(x.peer);
}

void membership_state::act(const effect::ask_probe& x) {
  if (parts->link)
    parts->link->ask_probe(x.via, x.peer);
}

void membership_state::act(const effect::tell_probe& x) {
  if (parts->link)
    parts->link->tell_probe(x.to, x.peer, x.found);
}

void membership_state::act(const effect::relay_hint& x) {
  if (parts->link)
    parts->link->tell_view(x.version);
}

// -- the actor ----------------------------------------------------------------

caf::behavior membership(caf::stateful_actor<membership_state>* self, membership_parts parts) {
  auto& state = self->state;
  state.self = self;
  state.logic.emplace(parts.rules);
  state.parts.emplace(std::move(parts));
  return {
    [&state](resumption& x) {
      auto& what = *static_cast<note*>(x.answer.get());
      if (const auto* seen = std::get_if<link_event>(&what))
        state.on(*seen);
      else
        state.step(std::get<event_t>(what));
    },
    [&state](caf::tick_atom) {
      state.timer = caf::actor_clock::time_point::max();
      state.step(event::tick{});
    },
  };
}

void start(const caf::actor& membership) {
  send(membership, event_t{event::start{}});
}

void drain(const caf::actor& membership) {
  send(membership, event_t{event::drain{}});
}

void stop(const caf::actor& membership) {
  send(membership, event_t{event::stop{}});
}

link_listener listener_of(caf::actor membership) {
  return [membership = std::move(membership)](const link_event& x) { send(membership, x); };
}

} // namespace hamlet::cluster
