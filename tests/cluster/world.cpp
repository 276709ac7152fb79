// SPDX-License-Identifier: Apache-2.0
#include "tests/cluster/world.hpp"

#include <cmath>
#include <cstdio>
#include <utility>

namespace hamlet::simulation {

namespace {

constexpr moment faults_begin = 15'000; ///< the cluster has come up, and may judge
constexpr moment faults_end = 45'000;
constexpr moment clients_end = 80'000;
constexpr moment end = 88'000;

} // namespace

world::world(options what)
    : what_{what}, fate_{what.seed % 8 < 3 ? static_cast<fate>(what.seed % 8) : fate::anything},
      dice_{what.seed}, mailbox_count_{what.mailboxes > 0
                                         ? what.mailboxes
                                         : static_cast<std::int32_t>(dice_.between(3, 7))},
      channel_count_{2}, store_{mailbox_count_, channel_count_,
                                [this](std::string x) { fault(std::move(x)); }} {
  static constexpr int sizes[] = {2, 3, 3, 3, 4, 5, 7};
  auto n = static_cast<std::size_t>(sizes[dice_.below(std::size(sizes))]);
  if (fate_ != fate::anything)
    n = std::max<std::size_t>(n, 3);
  if (what.nodes > 0) {
    n = what.nodes;
    fate_ = fate::one_kill;
  }
  rules_.rest = instant{20'000}; // so that plans are carried out in the time of a world
  rules_.round = instant{5'000};
  machines_.resize(n);
  cuts_.assign(n + 1, std::vector<bool>(n + 1));
  for (auto& m : machines_) {
    m.speed = 1 + static_cast<double>(dice_.between(-100, 100)) / 10'000; // 1 % fast or slow
    m.offset = dice_.between(0, 1'000'000);
  }
  clients_.resize(6);
  for (auto& c : clients_)
    c.at = static_cast<int>(dice_.below(n));
  if (fate_ == fate::anything) {
    static constexpr int losses[] = {0, 5, 20, 50};
    loss_ = losses[dice_.below(4)];
    slow_ = losses[dice_.below(4)];
    is_lossy_ = loss_ + slow_ > 0;
  }
}

world::~world() = default;

verdict world::run() {
  for (int m = 0; m < nodes(); ++m)
    time_.at(dice_.between(0, 3'000), [this, m] { start(m); });
  for (std::size_t c = 0; c < clients_.size(); ++c)
    time_.at(dice_.between(5'000, 6'000), [this, c] { client_turn(c); });
  time_.at(faults_begin, [this] { what_.nodes > 0 ? one_dies_for_good() : plan_fate(); });
  time_.at(faults_end, [this] { heal(); });
  time_.at(clients_end, [this] {
    is_over_ = true;
    for (const auto& c : clients_)
      if (c.is_busy && time_.now() - c.since > 15'000)
        fault("a client has waited since " + std::to_string(c.since)
              + ", although all is well again");
  });
  time_.run_until(what_.nodes > 0 ? faults_begin + 20'000 : end);
  if (what_.nodes == 0)
    check_end();
  else if (!orphans_.empty())
    fault("shards of the dead are nobody's");
  result_.owners = store_.changes_of_owner();
  return std::move(result_);
}

void world::fault(std::string what) {
  trace(-1, "FAULT %s", what.c_str());
  if (result_.faults.size() < 10)
    result_.faults.push_back("at " + std::to_string(time_.now()) + " ms: " + std::move(what));
}

void world::trace(int machine, const char* format, ...) {
  if (!what_.trace)
    return;
  std::printf("%6ld ", static_cast<long>(time_.now()));
  machine < 0 ? std::printf("       ") : std::printf("node %d ", machine);
  va_list more;
  va_start(more, format);
  std::vprintf(format, more);
  va_end(more);
  std::printf("\n");
}

// Clocks: each node has its own, fast or slow.

instant world::clock_of(int machine) const {
  const auto& m = machines_[static_cast<std::size_t>(machine)];
  return instant{m.offset + static_cast<std::int64_t>(static_cast<double>(time_.now()) * m.speed)};
}

moment world::when(int machine, instant at) const {
  const auto& m = machines_[static_cast<std::size_t>(machine)];
  return static_cast<moment>(std::ceil(static_cast<double>(at.count() - m.offset) / m.speed)) + 1;
}

void world::in(int machine, std::int64_t number, std::function<void(process&)> what) {
  auto& m = machines_[static_cast<std::size_t>(machine)];
  if (!m.runs || m.number != number)
    return;
  if (m.is_frozen)
    m.backlog.emplace_back(number, std::move(what));
  else
    what(*m.runs);
}

void world::later(int machine, std::int64_t number, instant wait,
                  std::function<void(process&)> what) {
  time_.at(when(machine, clock_of(machine) + wait),
           [this, machine, number, what = std::move(what)]() mutable {
             in(machine, number, std::move(what));
           });
}

// The network.

moment world::delay() {
  if (slow_ && dice_.chance(slow_))
    return dice_.between(10, 3'000);
  return dice_.between(1, 10);
}

void world::send(int from, int to, std::function<void(process&)> what) {
  if (to < 0)
    return;
  auto arrive = [this, to, what = std::move(what)]() mutable {
    in(to, machines_[static_cast<std::size_t>(to)].number, std::move(what));
  };
  if (from == to)
    time_.after(0, std::move(arrive));
  else if (!is_cut(from, to) && !dice_.chance(loss_))
    time_.after(delay(), std::move(arrive));
}

void world::to_store(int from, std::function<std::function<void(process&)>()> what,
                     std::int64_t number) {
  if (is_cut(from, store_number()) || dice_.chance(loss_))
    return;
  time_.after(delay(), [this, from, number, what = std::move(what)] {
    if (is_store_down_)
      return;
    auto answer = what();
    if (is_cut(store_number(), from) || dice_.chance(loss_))
      return; // done, and nobody knows
    time_.after(delay(), [this, from, number, answer = std::move(answer)]() mutable {
      in(from, number, std::move(answer));
    });
  });
}

int world::machine_of(incarnation x) const {
  auto at = machine_of_.find(x);
  return at == machine_of_.end() ? -1 : at->second;
}

/// What comes of a connection to a peer.
void world::look(int from, std::int64_t number, incarnation peer,
                 std::function<void(process&, reach)> found) {
  auto to = machine_of(peer);
  const auto& m = machines_[static_cast<std::size_t>(std::max(to, 0))];
  auto is = reach::silent;
  if (to >= 0 && !is_cut(from, to) && !is_cut(to, from) && m.has_power && !m.is_frozen) {
    if (!m.runs || m.runs->own().me() > peer)
      is = reach::refused;
    else if (m.runs->own().me() == peer)
      is = reach::reached;
  }
  auto wait = is == reach::silent ? 900 : dice_.between(2, 20);
  time_.after(wait, [this, from, number, is, found = std::move(found)] {
    in(from, number, [is, found](process& p) { found(p, is); });
  });
}

// What processes tell the world.

void world::opened(const reign& of, incarnation who) {
  if (orphans_.erase({of.shard, of.epoch - 1}) > 0) {
    ++result_.reopened;
    result_.recovered_after = time_.now() - died_at_;
    result_.view_reads = view_reads_;
    result_.changes = store_.read(-1)->version - version_at_death_;
  }
  if (!store_.was_owner(of, who))
    fault("I6: somebody opens a shard that the store has not given to it");
  else if (auto [at, is_new] = openers_.emplace(of, who); !is_new && at->second != who)
    fault("I6: two nodes open one epoch of a shard");
}

/// Did anything happen to it that excuses this?
void world::declared(incarnation peer, moment now) {
  ++result_.deaths;
  auto at = machine_of(peer);
  const auto& m = machines_[static_cast<std::size_t>(at)];
  trace(at, "#%ld is called dead", static_cast<long>(peer));
  // Where single beats are lost, a few outages in a row may hit all of a node's.
  if (m.runs && m.runs->own().me() == peer && now > m.excused_until && !is_lossy_)
    fault("R10: a node that does all it should is called dead");
}

void world::archive(int machine, incarnation who, const std::map<shard_id, replica>& logs) {
  for (const auto& [which, r] : logs)
    archived_[who][which] = r.log;
  clients_leave(machine);
}

} // namespace hamlet::simulation
