// SPDX-License-Identifier: Apache-2.0
#include "lib/cluster/pending.hpp"

#include <gtest/gtest.h>

namespace hamlet::cluster {
namespace {

constexpr shard_id box{shard_kind::mailbox, 7};

view_ptr owned_by(incarnation who, std::int64_t epoch) {
  auto made = std::make_shared<view>();
  made->version = epoch;
  for (incarnation n : {1, 2, 3})
    made->nodes.push_back({.node_id = n, .born = n, .state = node_state::up});
  made->shards.push_back({.id = box, .owner = who, .epoch = epoch});
  return made;
}

struct pending_test : testing::Test {
  pending waiting;
  pending::todo out;
  instant now{1'000};

  command_id ask(std::uint64_t n, std::size_t octets = 10) {
    EXPECT_TRUE(waiting.add({9, n}, box, octets, now, out));
    return {9, n};
  }
  void view(incarnation who, std::int64_t epoch) {
    waiting.view_changed(owned_by(who, epoch), now, out);
  }
  /// To whom each was sent since the last time.
  std::vector<std::pair<std::uint64_t, incarnation>> sent() {
    std::vector<std::pair<std::uint64_t, incarnation>> found;
    for (const auto& x : std::exchange(out, {}).sends)
      found.emplace_back(x.id.counter, x.to);
    return found;
  }
  using list = std::vector<std::pair<std::uint64_t, incarnation>>;
};

TEST_F(pending_test, WaitsForAnOwnerAndKeepsTheOrder) {
  ask(1);
  ask(2);
  EXPECT_EQ(sent(), list{});
  view(2, 1);
  EXPECT_EQ(sent(), (list{{1, 2}, {2, 2}}));
}

TEST_F(pending_test, SendsTheSameIdToTheNextOwner) {
  view(2, 1);
  auto id = ask(1);
  EXPECT_EQ(sent(), (list{{1, 2}}));
  EXPECT_TRUE(waiting.answered(id, {answer_kind::moved, 3, 2}, now, out));
  EXPECT_TRUE(out.read_view);
  EXPECT_EQ(sent(), (list{{1, 3}})); // before the view says so
  view(3, 2);
  EXPECT_EQ(sent(), list{});
}

TEST_F(pending_test, AsksForAViewAndTriesAgainOnWrongOwner) {
  view(2, 1);
  auto id = ask(1);
  sent();
  waiting.answered(id, {answer_kind::wrong_owner, 0, 2}, now, out);
  EXPECT_TRUE(out.read_view);
  EXPECT_EQ(sent(), list{});
  now += instant{100};
  view(3, 2);
  EXPECT_EQ(sent(), (list{{1, 3}}));
}

TEST_F(pending_test, ResendsWhatWasSentToANodeThatIsNoLongerTheOwner) {
  view(2, 1);
  ask(1);
  sent();
  view(3, 2);
  EXPECT_EQ(sent(), (list{{1, 3}}));
}

TEST_F(pending_test, ResendsWhatWasSentToAnEarlierReignOfTheOwner) {
  view(2, 1);
  ask(1);
  EXPECT_EQ(sent(), (list{{1, 2}}));
  view(2, 2);
  EXPECT_EQ(sent(), (list{{1, 2}}));
}

TEST_F(pending_test, TakesBackWhatHasWaitedBefore) {
  view(2, 1);
  waiting.pause(box, now);
  ask(1);
  EXPECT_TRUE(waiting.add({9, 2}, box, 10, now, now + instant{1'000}, out));
  EXPECT_EQ(sent(), list{}); // the owner that gave it back has ended, the next has not begun
  now += instant{100};
  waiting.tick(now, out);
  EXPECT_EQ(sent(), (list{{2, 2}, {1, 2}})); // it is the older one
  now += instant{900};
  waiting.tick(now, out);
  EXPECT_EQ(out.given_up, (std::vector<command_id>{{9, 2}}));
}

TEST_F(pending_test, GoesOnAtOnceWhenTheNextOwnerIsThere) {
  view(2, 1);
  waiting.pause(box, now);
  ask(1);
  EXPECT_EQ(sent(), list{});
  waiting.resume(box);
  waiting.tick(now, out);
  EXPECT_EQ(sent(), (list{{1, 2}}));
}

TEST_F(pending_test, HoldsBackWhileTheLinkIsDown) {
  view(2, 1);
  ask(1);
  sent();
  waiting.link_down(2, now, out);
  ask(2);
  EXPECT_EQ(sent(), list{});
  waiting.link_up(2, now, out);
  EXPECT_EQ(sent(), (list{{1, 2}, {2, 2}}));
}

TEST_F(pending_test, LetsNothingOvertakeACommandThatWasPutOff) {
  view(2, 1);
  auto id = ask(1);
  sent();
  waiting.answered(id, {answer_kind::busy}, now, out);
  ask(2);
  EXPECT_EQ(sent(), list{});
  now = waiting.wake_at();
  waiting.tick(now, out);
  EXPECT_EQ(sent(), (list{{1, 2}, {2, 2}}));
}

TEST_F(pending_test, SendsAgainWhatNobodyAnswers) {
  view(2, 1);
  ask(1);
  sent();
  now = waiting.wake_at();
  EXPECT_EQ(now, instant{5'000});
  waiting.tick(now, out);
  EXPECT_EQ(sent(), (list{{1, 2}}));
}

TEST_F(pending_test, GivesUpAfterItsPatience) {
  auto id = ask(1);
  EXPECT_EQ(waiting.wake_at(), instant{16'000});
  now = instant{15'999};
  waiting.tick(now, out);
  EXPECT_TRUE(out.given_up.empty());
  now = instant{16'000};
  waiting.tick(now, out);
  EXPECT_EQ(out.given_up, std::vector{id});
  EXPECT_FALSE(waiting.answered(id, {answer_kind::done}, now, out));
  EXPECT_EQ(waiting.wake_at(), instant::max());
  EXPECT_EQ(waiting.size(), 0U);
}

TEST_F(pending_test, IsBoundedInNumberAndOctets) {
  for (std::uint64_t n = 0; n < 64; ++n)
    ask(n);
  EXPECT_FALSE(waiting.add({9, 64}, box, 10, now, out));
  EXPECT_TRUE(waiting.add({9, 65}, {shard_kind::mailbox, 8}, 262'144, now, out));
  EXPECT_FALSE(waiting.add({9, 66}, {shard_kind::mailbox, 8}, 1, now, out));
  view(2, 1);
  waiting.answered({9, 0}, {answer_kind::done}, now, out);
  EXPECT_TRUE(waiting.add({9, 67}, box, 10, now, out)); // there is room again
}

TEST_F(pending_test, DoesNotWakeForWhatOnlyAViewCanChange) {
  ask(1);
  waiting.tick(now, out);
  EXPECT_GT(waiting.wake_at(), now);
}

} // namespace
} // namespace hamlet::cluster
