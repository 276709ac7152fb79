// SPDX-License-Identifier: Apache-2.0
#include "tests/cluster/process.hpp"

#include "tests/cluster/world.hpp"

namespace hamlet::simulation {

process::process(world& w, int machine, std::int64_t number)
    : w_{w}, machine_{machine}, number_{number}, own_{w.rules()} {
  each_second();
}

instant process::now() const {
  return w_.clock_of(machine_);
}

void process::step(const event_t& what) {
  act(own_.step(what, now()));
}

void process::wake() {
  wakes_ = instant::max();
  step(event::tick{});
}

void process::act(effects all) {
  for (const auto& x : all)
    std::visit([this](const auto& e) { on(e); }, x);
  if (auto at = own_.wake_at(); at < wakes_ || wakes_ <= now()) {
    wakes_ = at;
    w_.later(machine_, number_, at - now(), [at](process& p) {
      if (p.wakes_ == at)
        p.wake();
    });
  }
}

void process::act(pending::todo all) {
  for (const auto& x : all.sends) {
    const auto& what = asked_.at(x.id).what;
    auto to = w_.machine_of(x.to);
    w_.send(machine_, to, [from = machine_, x, what](process& p) {
      p.receive(from, x.id, {x.shard, x.epoch}, what);
    });
  }
  for (const auto& x : all.given_up) {
    auto at = asked_.extract(x);
    at.mapped().heard({reply::kind::later});
  }
  if (all.read_view)
    step(event::hinted{own_.seen()->version + 1});
  if (auto at = pending_.wake_at(); at < pending_wakes_) {
    pending_wakes_ = at;
    w_.later(machine_, number_, std::max(at - now(), instant{1}), [at](process& p) {
      if (p.pending_wakes_ != at)
        return;
      p.pending_wakes_ = instant::max();
      pending::todo next;
      p.pending_.tick(p.now(), next);
      p.act(std::move(next));
    });
  }
}

void process::on(const effect::join&) {
  if (was_ != 0) { // the clients of a node that is called dead are gone
    w_.archive(machine_, was_, replicas_);
    replicas_.clear();
    links_.clear();
    was_ = 0;
  }
  w_.trace(machine_, "joins");
  store(
    [&w = w_, m = machine_] {
      auto said = w.store().join(m, w.time().now());
      w.joined(m, said.born);
      return said;
    },
    [](process& p, const event::join_answered& x) { p.step(x); });
}

void process::on(const effect::beat& x) {
  store([&w = w_, x] { return w.store().beat(x, w.time().now(), w.rules().ttl.count()); },
        [](process& p, const event::beat_answered& y) { p.step(y); });
}

void process::on(const effect::read_view& x) {
  w_.view_read();
  store(
    [&w = w_, x] {
      return event::view_answered{outcome::accepted, w.store().read(x.known)};
    },
    [](process& p, const event::view_answered& y) { p.step(y); });
}

void process::on(const effect::claim& x) {
  w_.trace(machine_, "#%ld claims %zu", long(x.me), x.wanted.size());
  store([&w = w_, x] { return w.store().claim(x, w.time().now()); },
        [](process& p, const event::change_answered& y) { p.step(y); });
}

void process::on(const effect::hand_over& x) {
  w_.trace(machine_, "#%ld hands %d/%d epoch %ld to #%ld", long(x.me), int(x.of.shard.kind),
           x.of.shard.number, long(x.of.epoch), long(x.to));
  store([&w = w_, x] { return w.store().hand_over(x, w.time().now()); },
        [](process& p, const event::change_answered& y) { p.step(y); });
}

void process::on(const effect::place& x) {
  w_.trace(machine_, "plans %zu moves", x.moves.size());
  store([&w = w_, x] { return w.store().place(x); },
        [](process& p, const event::change_answered& y) { p.step(y); });
}

void process::on(const effect::declare_dead& x) {
  store(
    [&w = w_, x] {
      auto said = w.store().declare_dead(x, w.time().now());
      if (said.result == outcome::accepted) {
        w.trace(w.machine_of(x.peer), "is not heard for %ld ms", long(x.age.count()));
        w.declared(x.peer, w.time().now());
      }
      return said;
    },
    [](process& p, const event::change_answered& y) { p.step(y); });
}

void process::on(const effect::mark_draining& x) {
  store([&w = w_, x] { return w.store().mark_draining(x.me); },
        [](process& p, const event::change_answered& y) { p.step(y); });
}

void process::on(const effect::leave& x) {
  store([&w = w_, x] { return w.store().leave(x.me); },
        [](process& p, const event::leave_answered& y) { p.step(y); });
}

void process::on(const effect::stopped&) {
  w_.trace(machine_, "has stopped");
  if (was_ != 0)
    w_.archive(machine_, was_, replicas_);
  w_.time().after(0, [&w = w_, m = machine_] { w.ended(m); });
}

void process::on(const effect::publish& x) {
  if (x.seen->version <= seen_version_)
    w_.fault("I13: a node acts on an older view after a newer one");
  seen_version_ = x.seen->version;
  std::erase_if(links_, [&](const auto& l) { return !x.seen->alive(l.first); });
  pending::todo next;
  pending_.view_changed(x.seen, now(), next);
  act(std::move(next));
  for (auto& [which, c] : channels_)
    if (c.at == channel::phase::collecting)
      collect({which, c.epoch});
}

void process::on(const effect::probe& x) {
  w_.look(machine_, number_, x.peer, [peer = x.peer](process& p, reach found) {
    if (found == reach::reached)
      p.link(peer, true);
    p.step(event::probe_answered{peer, found, p.own_.me()});
  });
}

void process::on(const effect::ask_probe& x) {
  auto me = own_.me();
  w_.send(machine_, w_.machine_of(x.via), [me, x](process& p) {
    p.step(event::probe_wanted{x.peer, me});
  });
}

void process::on(const effect::tell_probe& x) {
  auto me = own_.me();
  w_.send(machine_, w_.machine_of(x.to), [me, x](process& p) {
    p.step(event::probe_answered{x.peer, x.found, me});
  });
}

void process::on(const effect::relay_hint& x) {
  for (const auto& [peer, _] : links_)
    w_.send(machine_, w_.machine_of(peer), [x](process& p) { p.step(event::hinted{x.version}); });
}

void process::link(incarnation peer, bool is_up) {
  if (is_up == links_.contains(peer))
    return;
  pending::todo next;
  if (is_up) {
    links_[peer] = true;
    pending_.link_up(peer, now(), next);
    step(event::link_up{peer});
  } else {
    w_.trace(machine_, "link to #%ld is down", long(peer));
    links_.erase(peer);
    pending_.link_down(peer, now(), next);
    step(event::link_down{peer});
  }
  act(std::move(next));
}

/// The links and the channels look after themselves.
void process::each_second() {
  w_.later(machine_, number_, instant{1'000}, [](process& p) { p.each_second(); });
  auto me = own_.me();
  if (me == 0)
    return;
  for (const auto& x : own_.seen()->nodes) {
    if (!x.alive() || x.born == me)
      continue;
    w_.look(machine_, number_, x.born, [peer = x.born](process& p, reach found) {
      if (found == reach::reached)
        return p.link(peer, true);
      if (p.links_.contains(peer))
        p.link(peer, false);
    });
  }
  for (const auto& s : own_.seen()->shards) {
    if (s.id.kind != shard_kind::channel || !own_.seen()->alive(s.owner))
      continue;
    const auto& r = replicas_[s.id];
    w_.send(machine_, w_.machine_of(s.owner),
            [from = machine_, of = reign{s.id, s.epoch}, last = r.top, in = r.is_in](process& p) {
              p.sync(from, of, last, in);
            });
  }
  for (auto& [which, c] : channels_)
    if (c.at == channel::phase::collecting)
      collect({which, c.epoch});
}

} // namespace hamlet::simulation
