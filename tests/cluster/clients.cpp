// SPDX-License-Identifier: Apache-2.0
// Clients: each asks for one thing at a time, again and again until it hears yes; and what must
// be true at the end.
#include "tests/cluster/world.hpp"

#include <utility>

namespace hamlet::simulation {

void world::client_turn(std::size_t c) {
  auto& x = clients_[c];
  if (is_over_)
    return;
  auto what = dice_.below(100);
  x.doing.what = what < 55   ? verb::deliver
                 : what < 63 ? verb::purge
                 : what < 80 ? verb::count
                             : verb::say;
  bool is_chat = x.doing.what == verb::say;
  x.doing.where = {is_chat ? shard_kind::channel : shard_kind::mailbox,
                   static_cast<std::int32_t>(dice_.below(
                     static_cast<std::size_t>(is_chat ? channel_count_ : mailbox_count_)))};
  x.doing.of = {static_cast<int>(c), ++x.number};
  x.is_busy = true;
  x.since = time_.now();
  client_asks(c);
}

void world::client_asks(std::size_t c) {
  auto& x = clients_[c];
  auto turn = ++x.turn;
  const auto* m = &machines_[static_cast<std::size_t>(x.at)];
  if (!m->runs || m->runs->is_leaving || m->runs->own().me() == 0) { // connects elsewhere
    x.at = static_cast<int>(dice_.below(machines_.size()));
    time_.after(dice_.between(20, 300), [this, c, turn] {
      if (clients_[c].turn == turn)
        client_asks(c);
    });
    return;
  }
  x.counted = acknowledged_[x.doing.where];
  in(x.at, m->number, [this, c, turn, what = x.doing](process& p) {
    p.ask(what, [this, c, turn](reply said) {
      time_.after(0, [this, c, turn, said] { client_hears(c, turn, said); });
    });
  });
  time_.after(20'000, [this, c, turn] { // it hears nothing: the node is stuck
    auto& y = clients_[c];
    if (y.turn != turn)
      return;
    y.at = static_cast<int>(dice_.below(machines_.size()));
    client_asks(c);
  });
}

void world::client_hears(std::size_t c, std::uint64_t turn, reply said) {
  auto& x = clients_[c];
  if (x.turn != turn || !x.is_busy)
    return;
  if (said.is == reply::kind::later) {
    ++result_.later;
    ++x.turn;
    trace(x.at, "client %zu hears: later", c);
    if (fate_ == fate::one_kill || fate_ == fate::restarts)
      fault("I12, I15: a client of a healthy node is refused");
    time_.after(500, [this, c, again = x.turn] {
      if (clients_[c].turn == again)
        client_asks(c);
    });
    return;
  }
  auto waited = time_.now() - x.since;
  result_.longest = std::max(result_.longest, waited);
  if ((fate_ == fate::one_kill || fate_ == fate::restarts) && waited > 15'000)
    fault("I12: a client waits more than 15 s");
  const auto& m = machines_[static_cast<std::size_t>(x.at)];
  x.done.push_back({x.doing, m.runs ? m.runs->own().me() : 0, said.value});
  if (x.doing.what == verb::deliver) {
    ++acknowledged_[x.doing.where];
    ++result_.acknowledged;
  } else if (x.doing.what == verb::count && said.value < x.counted) {
    fault("a read does not see what was acknowledged before it was asked");
  } else if (x.doing.what == verb::say) {
    ++result_.said;
  }
  x.is_busy = false;
  ++x.turn;
  time_.after(dice_.between(30, 1'500), [this, c] { client_turn(c); });
}

/// Their connections are broken: what they asked for may have happened.
void world::clients_leave(int m) {
  for (std::size_t c = 0; c < clients_.size(); ++c) {
    auto& x = clients_[c];
    if (x.at != m)
      continue;
    x.at = static_cast<int>(dice_.below(machines_.size()));
    if (!x.is_busy)
      continue;
    auto turn = ++x.turn;
    time_.after(dice_.between(20, 800), [this, c, turn] {
      if (clients_[c].turn == turn)
        client_asks(c);
    });
  }
}

void world::check_end() {
  check_mail();
  check_channels();
  for (const auto& [id, x] : store_.shards()) {
    const auto* runs = process_of(x.owner);
    if (!runs || !runs->is_open({id, x.epoch}))
      fault("shard " + std::to_string(static_cast<int>(id.kind)) + "/" + std::to_string(id.number)
            + " serves nobody, although all is well again");
  }
  for (const auto& m : machines_)
    if (!m.runs || m.runs->own().me() == 0)
      fault("a node has not come back");
}

void world::check_mail() {
  for (const auto& c : clients_)
    for (const auto& [what, by, uid] : c.done)
      if (what.what == verb::deliver && store_.copies(what.of) != 1)
        fault("I1: an acknowledged message is there " + std::to_string(store_.copies(what.of))
              + " times");
}

/// Gateways that have lived to the end have heard the same, each from where it came in.
void world::check_channels() {
  std::map<shard_id, std::map<std::int64_t, line>> order;
  std::map<shard_id, std::int64_t> top;
  std::map<std::pair<shard_id, wish>, bool> heard;
  for (const auto& m : machines_) {
    if (!m.runs || m.runs->own().me() == 0)
      continue;
    for (const auto& [which, r] : m.runs->replicas()) {
      if (auto [at, is_new] = top.emplace(which, r.top); !is_new && at->second != r.top)
        fault("I9: a living member has a hole at the end of a channel");
      for (const auto& x : r.log) {
        heard[{which, x.of}] = true;
        if (auto [at, is_new] = order[which].emplace(x.seq, x); !is_new && at->second != x)
          fault("I9: two members hear different things at one place");
      }
    }
  }
  for (const auto& [which, lines] : order) {
    std::map<wish, bool> once;
    std::map<int, int> number;
    std::int64_t epoch = 0;
    for (const auto& [seq, x] : lines) {
      if (!once.emplace(x.of, true).second)
        fault("I9: something is said twice");
      if (x.epoch < epoch)
        fault("I9: epochs of a channel go down");
      if (x.of.number <= std::exchange(number[x.of.client], x.of.number))
        fault("I10: a client's lines are out of order");
      epoch = x.epoch;
    }
  }
  for (const auto& c : clients_)
    for (const auto& [what, by, seq] : c.done) {
      const auto* runs = what.what == verb::say ? process_of(by) : nullptr;
      if (!runs || !runs->replicas().contains(what.where))
        continue;
      const auto& log = runs->replicas().at(what.where).log;
      if (!log.empty() && seq >= log.front().seq && !heard.contains({what.where, what.of}))
        fault("I9: an acknowledged line is lost");
    }
}

/// Null: this start of the node is over.
const process* world::process_of(incarnation x) const {
  auto at = machine_of(x);
  const auto* runs = at < 0 ? nullptr : machines_[static_cast<std::size_t>(at)].runs.get();
  return runs && runs->own().me() == x ? runs : nullptr;
}

} // namespace hamlet::simulation
