// SPDX-License-Identifier: Apache-2.0
#include "lib/cluster/ownership.hpp"

#include <gtest/gtest.h>

namespace hamlet::cluster {
namespace {

/// A node that the test moves through time, one event at a time.
struct ownership_test : testing::Test {
  ownership one{settings{}};
  effects out;
  instant now{100'000};
  view world{.version = 1, .nodes = {}, .shards = {}};

  void step(const event_t& x) {
    auto more = one.step(x, now);
    out.insert(out.end(), more.begin(), more.end());
  }
  template <class T>
  std::vector<T> take() {
    std::vector<T> found;
    std::erase_if(out, [&](const effect_t& x) {
      const auto* is = std::get_if<T>(&x);
      if (is)
        found.push_back(*is);
      return is != nullptr;
    });
    return found;
  }
  void show() {
    ++world.version;
    step(event::change_answered{outcome::accepted, world.version});
    step(event::view_answered{outcome::accepted, std::make_shared<view>(world)});
  }
  /// Nodes 1 to 3; this one is 2; shard n belongs to node 1 + n % 3.
  void join() {
    step(event::start{});
    step(event::join_answered{outcome::accepted, 2, 1});
    for (incarnation n : {1, 2, 3})
      world.nodes.push_back({.node_id = n, .born = n, .state = node_state::up});
    for (std::int32_t n = 0; n < 6; ++n)
      world.shards.push_back({.id = {shard_kind::mailbox, n}, .owner = 1 + n % 3, .epoch = 1});
    show();
  }
  /// Seconds in which each beat is accepted.
  void live(int seconds, const std::vector<incarnation>& expired = {}) {
    for (int i = 0; i < seconds; ++i) {
      now += instant{1'000};
      step(event::tick{});
      for (auto beats = take<effect::beat>(); !beats.empty(); beats = take<effect::beat>())
        step(event::beat_answered{outcome::accepted, beats[0].sent_at, world.version, now.count(),
                                  expired});
    }
  }
};

TEST_F(ownership_test, OpensWhatAViewGivesIt) {
  join();
  auto opened = take<effect::open_shard>();
  ASSERT_EQ(opened.size(), 2U);
  EXPECT_EQ(opened[0].of, (reign{{shard_kind::mailbox, 1}, 1}));
  EXPECT_EQ(take<effect::publish>().size(), 1U);
}

TEST_F(ownership_test, BeatsEachSecond) {
  join();
  out.clear();
  live(10);
  step(event::tick{});
  EXPECT_TRUE(take<effect::beat>().empty());
  EXPECT_TRUE(one.may_read(now));
}

TEST_F(ownership_test, EndsReadsTwoSecondsBeforeItsTimeByItsOwnClock) {
  join();
  live(5);
  auto last = now;
  EXPECT_TRUE(one.may_read(last + instant{7'999}));
  EXPECT_FALSE(one.may_read(last + instant{8'000}));
  take<effect::fence_reads>();
  now = last + instant{20'000}; // it was frozen: the first thing is to stop
  out.clear();
  step(event::link_up{1});
  ASSERT_FALSE(out.empty());
  ASSERT_TRUE(std::holds_alternative<effect::fence_reads>(out.front()));
  EXPECT_TRUE(std::get<effect::fence_reads>(out.front()).closed);
}

TEST_F(ownership_test, BelievesNoBeatThatWasSentTooLongAgo) {
  join();
  live(5);
  now += instant{1'000};
  step(event::tick{});
  auto sent = take<effect::beat>().front().sent_at;
  now += instant{8'500};
  step(event::beat_answered{outcome::accepted, sent, 1, now.count(), {}});
  EXPECT_FALSE(one.may_read(now)); // it counts from when it was sent
}

TEST_F(ownership_test, DropsAllAndComesBackAsSomebodyElseWhenItIsDead) {
  join();
  out.clear();
  now += instant{1'000};
  step(event::tick{});
  step(event::beat_answered{outcome::refused, now, 5, now.count(), {}});
  EXPECT_EQ(take<effect::end_shard>().size(), 2U);
  EXPECT_TRUE(take<effect::fence_reads>().front().closed);
  EXPECT_EQ(take<effect::join>().size(), 1U);
  EXPECT_EQ(one.me(), 0);
}

TEST_F(ownership_test, DoesTheSameWhenAViewSaysSo) {
  join();
  out.clear();
  world.nodes[1].state = node_state::dead;
  show();
  EXPECT_EQ(take<effect::end_shard>().size(), 2U);
  EXPECT_EQ(take<effect::join>().size(), 1U);
}

TEST_F(ownership_test, NeverGoesBackToAnOlderView) {
  join();
  auto old = std::make_shared<view>(world);
  world.shards[1].owner = 3;
  world.shards[1].epoch = 2;
  show();
  out.clear();
  step(event::view_answered{outcome::accepted, old});
  EXPECT_TRUE(take<effect::open_shard>().empty());
  EXPECT_EQ(one.seen()->version, world.version);
}

TEST_F(ownership_test, ClaimsItsPartOfWhatTheDeadLeave) {
  join();
  out.clear();
  world.nodes[0].state = node_state::dead;
  show();
  auto claims = take<effect::claim>();
  std::size_t mine = 0;
  for (const auto& x : assign_free(world, {}))
    mine += x.to == 2;
  ASSERT_EQ(claims.size(), mine > 0 ? 1U : 0U);
  if (mine > 0) {
    EXPECT_EQ(claims[0].wanted.size(), mine);
  }
  live(4); // what the others do not take
  claims = take<effect::claim>();
  ASSERT_FALSE(claims.empty());
  EXPECT_EQ(claims.back().wanted.size(), 2U);
}

TEST_F(ownership_test, CallsAPeerDeadThreeSecondsAfterItsHostSaidSo) {
  join();
  live(12);
  out.clear();
  step(event::link_down{3});
  EXPECT_EQ(take<effect::probe>().size(), 1U);
  EXPECT_EQ(take<effect::ask_probe>().size(), 1U); // there is one more
  EXPECT_TRUE(take<effect::declare_dead>().empty());
  step(event::probe_answered{3, reach::silent, 2});
  live(3);
  EXPECT_TRUE(take<effect::declare_dead>().empty()); // silence proves nothing
  step(event::probe_answered{3, reach::refused, 1});
  live(1);
  auto dead = take<effect::declare_dead>();
  ASSERT_FALSE(dead.empty());
  EXPECT_EQ(dead[0].peer, 3);
  EXPECT_EQ(dead[0].age, instant{3'000});
}

TEST_F(ownership_test, CallsNobodyDeadAfterAnOutageOfTheStore) {
  join();
  live(12);
  now += instant{15'000}; // no beat of anybody is heard
  live(9, {1, 3});
  EXPECT_TRUE(take<effect::declare_dead>().empty());
  live(3, {1, 3});
  EXPECT_FALSE(take<effect::declare_dead>().empty()); // they had time to be heard
}

TEST_F(ownership_test, HandsOverWhatThePlannerHasGivenAway) {
  join();
  out.clear();
  world.shards[1].target = 3;
  show();
  auto sealed = take<effect::seal_shard>();
  ASSERT_EQ(sealed.size(), 1U);
  EXPECT_TRUE(take<effect::hand_over>().empty()); // first what has begun must end
  step(event::finished{sealed[0].of});
  auto handed = take<effect::hand_over>();
  ASSERT_EQ(handed.size(), 1U);
  EXPECT_EQ(handed[0].to, 3);
  world.shards[1] = {.id = {shard_kind::mailbox, 1}, .owner = 3, .epoch = 2};
  show();
  auto ended = take<effect::end_shard>();
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_EQ(ended[0].to, 3);
  EXPECT_EQ(ended[0].epoch, 2);
}

TEST_F(ownership_test, OpensAgainInANewEpochWhenATargetDies) {
  join();
  world.shards[1].target = 3;
  show();
  step(event::finished{{{shard_kind::mailbox, 1}, 1}});
  out.clear();
  world.nodes[2].state = node_state::dead;
  show();
  auto handed = take<effect::hand_over>();
  ASSERT_EQ(handed.size(), 1U);
  EXPECT_EQ(handed[0].to, 2);
}

TEST_F(ownership_test, LeavesWhenADrainHasGivenAllAway) {
  join();
  live(1);
  out.clear();
  step(event::drain{});
  EXPECT_EQ(take<effect::mark_draining>().size(), 1U);
  world.nodes[1].state = node_state::draining;
  show();
  auto sealed = take<effect::seal_shard>();
  ASSERT_EQ(sealed.size(), 2U);
  for (const auto& x : sealed)
    step(event::finished{x.of});
  EXPECT_EQ(take<effect::hand_over>().size(), 2U);
  EXPECT_TRUE(take<effect::leave>().empty());
  for (auto& x : world.shards)
    if (x.owner == 2)
      x.owner = 1, ++x.epoch;
  show();
  EXPECT_EQ(take<effect::leave>().size(), 1U);
  step(event::leave_answered{outcome::accepted});
  EXPECT_EQ(take<effect::stopped>().size(), 1U);
}

TEST_F(ownership_test, LeavesWhenAViewSaysThatItIsDrained) {
  join();
  live(1);
  out.clear();
  world.nodes[1].state = node_state::draining; // an administrator has said so, on another node
  show();
  EXPECT_TRUE(take<effect::mark_draining>().empty());
  auto sealed = take<effect::seal_shard>();
  ASSERT_EQ(sealed.size(), 2U);
  for (const auto& x : sealed)
    step(event::finished{x.of});
  EXPECT_EQ(take<effect::hand_over>().size(), 2U);
  for (auto& x : world.shards)
    if (x.owner == 2)
      x.owner = 1, ++x.epoch;
  show();
  EXPECT_EQ(take<effect::leave>().size(), 1U);
  step(event::leave_answered{outcome::accepted});
  EXPECT_EQ(take<effect::stopped>().size(), 1U);
}

TEST_F(ownership_test, StopsWithoutWaitingForWhatDoesNotEnd) {
  join();
  out.clear();
  step(event::stop{});
  EXPECT_EQ(take<effect::seal_shard>().size(), 2U);
  EXPECT_TRUE(take<effect::leave>().empty());
  live(5);
  EXPECT_FALSE(take<effect::leave>().empty());
}

TEST_F(ownership_test, LooksForAPeerThatAsksItTo) {
  join();
  out.clear();
  step(event::probe_wanted{3, 1});
  EXPECT_EQ(take<effect::probe>().size(), 1U);
  step(event::probe_answered{3, reach::refused, 2});
  auto told = take<effect::tell_probe>();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].to, 1);
  EXPECT_EQ(told[0].found, reach::refused);
}

} // namespace
} // namespace hamlet::cluster
