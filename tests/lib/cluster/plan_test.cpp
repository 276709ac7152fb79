// SPDX-License-Identifier: Apache-2.0
#include "lib/cluster/plan.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace hamlet::cluster {
namespace {

/// Incarnation = node id; 256 shards of two kinds that nobody owns yet.
view cluster_of(std::int64_t nodes) {
  view made{.version = 1, .nodes = {}, .shards = {}};
  for (std::int64_t i = 1; i <= nodes; ++i)
    made.nodes.push_back({.node_id = i, .born = i, .state = node_state::up});
  for (auto kind : {shard_kind::mailbox, shard_kind::channel})
    for (std::int32_t i = 0; i < 256; ++i)
      made.shards.push_back({.id = {kind, i}});
  return made;
}

void give(view& x, const std::vector<placement>& plan, store_time now = 0) {
  for (const auto& p : plan)
    for (auto& s : x.shards)
      if (s.id == p.of.shard)
        s.owner = p.to, ++s.epoch, s.target = 0, s.moved_at = now;
}

std::map<incarnation, int> loads(const view& x, shard_kind kind) {
  std::map<incarnation, int> found;
  for (const auto& s : x.shards)
    if (s.id.kind == kind)
      ++found[s.owner];
  return found;
}

void join(view& x, std::int64_t id) {
  x.nodes.push_back({.node_id = id, .born = id, .state = node_state::up});
}

TEST(Plan, GivesEachShardToSomebodyAndNobodyTooMuch) {
  for (std::int64_t n : {1, 2, 3, 7, 25, 300}) {
    auto x = cluster_of(n);
    auto plan = assign_free(x, {});
    EXPECT_EQ(plan.size(), x.shards.size());
    give(x, plan);
    for (auto [who, load] : loads(x, shard_kind::mailbox))
      EXPECT_LE(load, 256 * 5 / 4 / n + 1) << n;
  }
}

TEST(Plan, IsTheSameWhoeverMakesIt) {
  auto x = cluster_of(5);
  EXPECT_EQ(assign_free(x, {}), assign_free(view{x}, {}));
}

TEST(Plan, TakesOnlyTheShardsOfTheDead) {
  auto x = cluster_of(5);
  give(x, assign_free(x, {}));
  auto before = x;
  x.nodes[2].state = node_state::dead;
  auto plan = assign_free(x, {});
  EXPECT_EQ(static_cast<int>(plan.size()),
            loads(before, shard_kind::mailbox)[3] + loads(before, shard_kind::channel)[3]);
  for (const auto& p : plan) {
    EXPECT_EQ(before.find(p.of.shard)->owner, 3);
    EXPECT_NE(p.to, 3);
  }
}

TEST(Plan, GivesANodeThatStartedAgainItsOwnBack) {
  auto x = cluster_of(3);
  give(x, assign_free(x, {}));
  auto before = x;
  x.nodes[1].state = node_state::dead; // it starts again as 9
  x.nodes.push_back({.node_id = 2, .born = 9, .state = node_state::up});
  int back = 0;
  int all = 0;
  for (const auto& p : assign_free(x, {})) {
    ++all;
    back += p.to == 9;
  }
  EXPECT_GT(back, all * 9 / 10);
}

TEST(Plan, GivesNothingToWhoLeaves) {
  auto x = cluster_of(3);
  x.nodes[0].state = node_state::draining;
  for (const auto& p : assign_free(x, {}))
    EXPECT_NE(p.to, 1);
  x.nodes[1].state = node_state::dead;
  EXPECT_EQ(refuge(x, {.id = {shard_kind::mailbox, 1}, .owner = 1}, {}), 3);
  x.nodes[2].state = node_state::draining;
  EXPECT_EQ(refuge(x, {.id = {shard_kind::mailbox, 1}, .owner = 1}, {}), 0);
}

TEST(Plan, SharesWhatANodeGivesAwayAmongTheOthers) {
  auto x = cluster_of(3);
  give(x, assign_free(x, {}));
  std::vector<shard_id> all;
  for (const auto& s : x.shards)
    if (s.owner == 1)
      all.push_back(s.id);
  auto plan = evacuate(x, all, {});
  EXPECT_EQ(plan.size(), all.size());
  for (const auto& p : plan)
    EXPECT_EQ(p.of.epoch, x.find(p.of.shard)->epoch);
  give(x, plan);
  for (auto kind : {shard_kind::mailbox, shard_kind::channel}) {
    EXPECT_EQ(loads(x, kind)[1], 0);
    EXPECT_LE(loads(x, kind)[2], 256 * 5 / 4 / 2);
    EXPECT_LE(loads(x, kind)[3], 256 * 5 / 4 / 2);
  }
}

TEST(Plan, LeavesAnOrderAsItIsAndGivesNothingToNobody) {
  auto x = cluster_of(3);
  give(x, assign_free(x, {}));
  auto& one = x.shards[7];
  one.target = 1 + one.owner % 3;
  auto other = one.target;
  auto plan = evacuate(x, {one.id}, {});
  ASSERT_EQ(plan.size(), 1U);
  EXPECT_EQ(plan[0].to, other);
  for (auto& n : x.nodes)
    if (n.born != one.owner)
      n.state = node_state::draining;
  EXPECT_TRUE(evacuate(x, {one.id}, {}).empty());
  EXPECT_TRUE(evacuate(x, {{shard_kind::nick, 1}}, {}).empty());
}

TEST(Plan, FillsANewNodeInRoundsOfATenthAndMovesNothingTwice) {
  auto x = cluster_of(3);
  give(x, assign_free(x, {}));
  join(x, 4);
  std::map<shard_id, int> moved;
  store_time now = 1'000'000;
  for (int round = 0; round < 20; ++round, now += 10'000) {
    auto plan = balance(x, now, {});
    EXPECT_LE(plan.size(), x.shards.size() / 10);
    for (const auto& p : plan)
      EXPECT_EQ(++moved[p.of.shard], 1);
    give(x, plan, now);
  }
  EXPECT_TRUE(balance(x, now, {}).empty());
  EXPECT_GE(loads(x, shard_kind::mailbox)[4], 64 * 4 / 5 - 1);
  EXPECT_LE(moved.size(), 2U * 64);
}

TEST(Plan, CountsWhatIsOnItsWay) {
  auto x = cluster_of(3);
  give(x, assign_free(x, {}));
  join(x, 4);
  auto plan = balance(x, 1'000'000, {});
  ASSERT_FALSE(plan.empty());
  for (const auto& p : plan)
    for (auto& s : x.shards)
      if (s.id == p.of.shard)
        s.target = p.to;
  EXPECT_TRUE(balance(x, 1'010'000, {}).empty()); // the tenth is taken
  x.nodes[3].state = node_state::dead;
  auto next = balance(x, 1'020'000, {});
  auto withdrawn = std::ranges::count(next, 0, &placement::to);
  EXPECT_EQ(static_cast<std::size_t>(withdrawn), plan.size());
}

TEST(Plan, LeavesAShardAloneThatHasJustMoved) {
  auto x = cluster_of(2);
  for (auto& s : x.shards)
    s.owner = 1, s.epoch = 1, s.moved_at = 1'000'000;
  EXPECT_TRUE(balance(x, 1'000'000 + 299'999, {}).empty());
  EXPECT_FALSE(balance(x, 1'000'000 + 300'000, {}).empty());
}

} // namespace
} // namespace hamlet::cluster
