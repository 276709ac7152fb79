// SPDX-License-Identifier: Apache-2.0
// What goes wrong in a world, and how it ends.
#include "tests/cluster/world.hpp"

#include <utility>

namespace hamlet::simulation {

void world::plan_fate() {
  auto now = time_.now();
  auto some = [&] { return static_cast<int>(dice_.below(machines_.size())); };
  switch (fate_) {
  case fate::one_kill:
    ++result_.events;
    time_.at(dice_.between(now, now + 15'000), [this, m = some()] { crash(m, false); });
    return;
  case fate::restarts:
    for (int m = 0; m < nodes(); ++m) {
      ++result_.events;
      time_.at(now + m * 4'000, [this, m] { drain(m); });
    }
    return;
  case fate::outage:
    for (auto at = now; at < now + 25'000; at += dice_.between(8'000, 30'000)) {
      ++result_.events;
      auto until = std::min(at + dice_.between(500, 12'000), now + 29'000);
      time_.at(at, [this] { is_store_down_ = true; });
      time_.at(until, [this] { is_store_down_ = false; });
    }
    return;
  case fate::anything:
    for (auto n = dice_.between(1, 12); n > 0; --n)
      one_fault(dice_.between(now, now + 29'000));
  }
}

/// For figures: after a while of peace, so that the first plan is done.
void world::one_dies_for_good() {
  auto m = static_cast<int>(dice_.below(machines_.size()));
  machines_[static_cast<std::size_t>(m)].may_start = false;
  died_at_ = time_.now();
  version_at_death_ = store_.read(-1)->version;
  view_reads_ = 0;
  for (const auto& [id, x] : store_.shards())
    if (machine_of(x.owner) == m)
      orphans_.insert({id, x.epoch});
  crash(m, what_.is_power_cut);
}

void world::one_fault(moment at) {
  ++result_.events;
  auto m = static_cast<int>(dice_.below(machines_.size()));
  auto other = static_cast<int>(dice_.below(machines_.size()));
  auto last = dice_.between(200, dice_.chance(300) ? 25'000 : 6'000);
  switch (dice_.below(10)) {
  case 0:
  case 1: time_.at(at, [this, m] { crash(m, false); }); break;
  case 2: time_.at(at, [this, m] { crash(m, true); }); break;
  case 3:
  case 4: time_.at(at, [this, m, until = at + last] { freeze(m, until); }); break;
  case 5: // from the store, one way or both
    time_.at(at, [this, m, until = at + last, way = dice_.below(3)] {
      excuse(m, until);
      auto s = static_cast<std::size_t>(store_number());
      auto i = static_cast<std::size_t>(m);
      cuts_[i][s] = way != 1;
      cuts_[s][i] = way != 0;
      trace(m, "is cut from the store");
    });
    time_.at(at + last, [this, m] {
      auto s = static_cast<std::size_t>(store_number());
      cuts_[static_cast<std::size_t>(m)][s] = cuts_[s][static_cast<std::size_t>(m)] = false;
    });
    break;
  case 6: // two nodes from each other, perhaps one way
    time_.at(at, [this, m, other, both = dice_.chance(500)] {
      if (m != other)
        cut(m, other, both);
    });
    time_.at(at + last, [this, m, other] {
      cuts_[static_cast<std::size_t>(m)][static_cast<std::size_t>(other)] = false;
      cuts_[static_cast<std::size_t>(other)][static_cast<std::size_t>(m)] = false;
    });
    break;
  case 7: // one from everything
    time_.at(at, [this, m, until = at + last] {
      excuse(m, until);
      for (int x = 0; x <= nodes(); ++x)
        if (x != m)
          cut(m, x, true);
      trace(m, "is cut from all");
    });
    time_.at(at + last, [this, m] {
      for (std::size_t x = 0; x < cuts_.size(); ++x)
        cuts_[static_cast<std::size_t>(m)][x] = cuts_[x][static_cast<std::size_t>(m)] = false;
    });
    break;
  case 8:
    time_.at(at, [this] {
      is_store_down_ = true;
      trace(-1, "the store is away");
    });
    time_.at(at + last, [this] {
      is_store_down_ = false;
      trace(-1, "the store is back");
    });
    break;
  default: time_.at(at, [this, m] { drain(m); });
  }
}

void world::start(int m) {
  auto& x = machines_[static_cast<std::size_t>(m)];
  if (x.runs || !x.may_start)
    return;
  x.has_power = true;
  x.is_frozen = false;
  x.number = ++last_process_;
  x.runs = std::make_unique<process>(*this, m, x.number);
  trace(m, "starts");
  x.runs->start();
}

void world::crash(int m, bool power) {
  auto& x = machines_[static_cast<std::size_t>(m)];
  if (!x.runs)
    return;
  auto who = x.runs->own().me();
  trace(m, power ? "#%ld loses power" : "#%ld is killed", static_cast<long>(who));
  if (who != 0)
    for (const auto& [which, r] : x.runs->replicas())
      archived_[who][which] = r.log;
  x.runs.reset();
  x.backlog.clear();
  x.has_power = !power;
  excuse(m, time_.now());
  clients_leave(m);
  gone(m, who);
  time_.after(dice_.between(200, 20'000), [this, m] { start(m); });
}

/// The hosts of others hear at once that a process has gone, if its own host lives.
void world::gone(int m, incarnation who) {
  if (!machines_[static_cast<std::size_t>(m)].has_power)
    return;
  for (int x = 0; x < nodes(); ++x)
    if (x != m && !is_cut(m, x))
      time_.after(dice_.between(1, 20), [this, x, who] {
        in(x, machines_[static_cast<std::size_t>(x)].number,
           [who](process& p) { p.link(who, false); });
      });
}

void world::ended(int m) {
  auto& x = machines_[static_cast<std::size_t>(m)];
  x.runs.reset();
  clients_leave(m);
  for (auto [who, at] : machine_of_)
    if (at == m)
      gone(m, who);
  time_.after(dice_.between(100, 3'000), [this, m] { start(m); });
}

void world::freeze(int m, moment until) {
  auto& x = machines_[static_cast<std::size_t>(m)];
  if (!x.runs || x.is_frozen)
    return;
  trace(m, "freezes until %ld", static_cast<long>(until));
  x.is_frozen = true;
  excuse(m, until);
  time_.at(until, [this, m] { thaw(m); });
}

void world::thaw(int m) {
  auto& x = machines_[static_cast<std::size_t>(m)];
  if (!x.is_frozen)
    return;
  x.is_frozen = false;
  trace(m, "thaws");
  for (auto& [number, what] : std::exchange(x.backlog, {}))
    time_.after(0, [this, m, number = number, what = std::move(what)]() mutable {
      in(m, number, std::move(what));
    });
}

void world::cut(int a, int b, bool both) {
  cuts_[static_cast<std::size_t>(a)][static_cast<std::size_t>(b)] = true;
  if (both)
    cuts_[static_cast<std::size_t>(b)][static_cast<std::size_t>(a)] = true;
}

void world::excuse(int m, moment until) {
  auto& x = machines_[static_cast<std::size_t>(m)];
  x.excused_until = std::max(x.excused_until, until + rules_.ttl.count() + 5'000);
}

void world::drain(int m) {
  auto& x = machines_[static_cast<std::size_t>(m)];
  if (!x.runs)
    return;
  trace(m, "drains");
  auto number = x.number;
  in(m, number, [](process& p) {
    p.is_leaving = true;
    p.step(event::drain{});
  });
  // Whoever waits too long says stop; a process that is stuck is killed.
  time_.after(12'000,
              [this, m, number] { in(m, number, [](process& p) { p.step(event::stop{}); }); });
  time_.after(30'000, [this, m, number] {
    if (machines_[static_cast<std::size_t>(m)].number == number)
      crash(m, false);
  });
}

void world::heal() {
  trace(-1, "all is well again");
  is_store_down_ = false;
  loss_ = slow_ = 0;
  for (auto& row : cuts_)
    row.assign(row.size(), false);
  for (int m = 0; m < nodes(); ++m) {
    thaw(m);
    start(m);
  }
}

} // namespace hamlet::simulation
