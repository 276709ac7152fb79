// SPDX-License-Identifier: Apache-2.0
// figures: the tables of docs/scaling.md. The first is the real plan on clusters that are only
// data; the second lets one node of a simulated cluster die, ten times each, three if it is large.
#include "tests/cluster/world.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <set>

namespace {

using namespace hamlet;
using namespace hamlet::cluster;

constexpr std::int32_t kinds = 6;

view cluster_of(std::int64_t nodes, std::int32_t shards) {
  view made;
  for (std::int64_t i = 1; i <= nodes; ++i)
    made.nodes.push_back({.node_id = i, .born = i, .state = node_state::up});
  for (std::int32_t kind = 1; kind <= kinds; ++kind)
    for (std::int32_t i = 0; i < shards; ++i)
      made.shards.push_back({.id = {static_cast<shard_kind>(kind), i}});
  return made;
}

void give(view& x, const std::vector<placement>& plan, store_time now) {
  for (const auto& p : plan) {
    auto at = std::ranges::lower_bound(x.shards, p.of.shard, {}, &shard::id);
    at->owner = p.to;
    ++at->epoch;
    at->moved_at = now;
  }
}

/// Shards of one kind: the most and the fewest that a node has.
std::pair<std::int64_t, std::int64_t> loads(const view& x) {
  std::map<incarnation, std::int64_t> n;
  for (const auto& node : x.nodes)
    if (node.alive())
      n[node.born] = 0;
  for (const auto& s : x.shards)
    if (s.id.kind == shard_kind::mailbox && n.contains(s.owner))
      ++n[s.owner];
  auto [low, high] = std::minmax_element(
    n.begin(), n.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  return {high->second, low->second};
}

void plans() {
  std::printf(
    "| nodes | shards of a kind | of these a node has | a node dies: moved | to so many "
    "nodes | a node joins: moved | rounds | a plan takes |\n|---|---|---|---|---|---|---|---|\n");
  for (std::int32_t shards : {256, 4096})
    for (std::int64_t n : {3, 10, 30, 100, 300}) {
      auto x = cluster_of(n, shards);
      give(x, assign_free(x, {}), 0);
      store_time now = 10'000'000;
      for (auto more = balance(x, now, {}); !more.empty(); more = balance(x, now, {}))
        give(x, more, 0); // at rest
      auto [high, low] = loads(x);
      auto lost = x;
      lost.nodes[static_cast<std::size_t>(n) / 2].state = node_state::dead;
      auto from = std::chrono::steady_clock::now();
      auto plan = assign_free(lost, {});
      auto took = std::chrono::steady_clock::now() - from;
      std::set<incarnation> to;
      for (const auto& p : plan)
        to.insert(p.to);
      auto more = x;
      more.nodes.push_back({.node_id = n + 1, .born = n + 1, .state = node_state::up});
      std::size_t moved = 0;
      int rounds = 0;
      for (auto next = balance(more, now, {}); !next.empty();
           next = balance(more, now += 10'000, {})) {
        moved += next.size();
        ++rounds;
        give(more, next, now);
      }
      std::printf("| %ld | %d | %ld to %ld | %.2f %% | %zu | %.2f %% | %d | %.1f ms |\n", long(n),
                  shards, long(low), long(high),
                  100.0 * double(plan.size()) / double(x.shards.size()), to.size(),
                  100.0 * double(moved) / double(x.shards.size()), rounds,
                  std::chrono::duration<double, std::milli>(took).count());
    }
}

void deaths() {
  using namespace simulation;
  std::printf(
    "\n| nodes | what happens | all open again after (median, longest) | shards | views | "
    "views read by all nodes |\n|---|---|---|---|---|---|\n");
  for (std::size_t n : {3, 10, 30, 100, 300})
    for (bool power : {false, true}) {
      std::vector<moment> after;
      std::int64_t shards = 0;
      std::int64_t views = 0;
      std::int64_t reads = 0;
      const int times = n < 100 ? 10 : 3;
      for (std::uint64_t seed = 1; seed <= static_cast<std::uint64_t>(times); ++seed) {
        auto x = world{{seed, false, n, n <= 30 ? 256 : 1024, power}}.run();
        for (const auto& f : x.faults)
          std::printf("FAULT %s\n", f.c_str());
        after.push_back(x.recovered_after);
        shards += x.reopened;
        views += x.changes;
        reads += x.view_reads;
      }
      std::ranges::sort(after);
      std::printf("| %zu | %s | %.1f s, %.1f s | %ld | %ld | %ld |\n", n,
                  power ? "power cut" : "kill", double(after[after.size() / 2]) / 1e3,
                  double(after.back()) / 1e3, long(shards / times), long(views / times),
                  long(reads / times));
      std::fflush(stdout);
    }
}

} // namespace

int main(int argc, char**) {
  if (argc == 1)
    plans();
  deaths();
}
