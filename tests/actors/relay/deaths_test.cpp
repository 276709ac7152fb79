// SPDX-License-Identifier: Apache-2.0
#include "tests/actors/relay/core_fixture.hpp"

namespace hamlet {

namespace {

struct DeathsTest : RelayCoreTest {
  DeathsTest() {
    start(3);
    guest = at(0).come("guest");
    member = at(0).come("member", 7);
    other = at(1).come("other");
    drain();
    for (auto id : {guest, member})
      at(1).join(at(0).who(id), "#c");
    at(1).join(at(1).who(other), "#c");
    drain();
    for (auto& x : nodes)
      x->heard.clear();
  }
  void wait(std::chrono::milliseconds time) {
    now += time;
    for (auto i : {1u, 2u})
      at(i).turn([&](auto& out) { at(i).core.tick(now, out); });
  }
  static std::vector<std::string> quits(const test_node& x) {
    std::vector<std::string> nicks;
    for (auto& e : x.heard)
      if (e.has_quit())
        nicks.push_back(e.source().nick() + ": " + e.quit().reason());
    return nicks;
  }
  void adopt(std::size_t i, std::int64_t id) {
    NewsItem x;
    x.mutable_adopted()->set_session_id(id);
    at(i).where.adopt(id, at(i).number);
    at(i).note(x);
    at(i).put(id, "member", 7);
  }

  std::int64_t guest = 0, member = 0, other = 0;
};

using strings = std::vector<std::string>;

TEST_F(DeathsTest, GuestsQuitAtOnceAndMembersAfterTheGrace) {
  kill(at(0));
  for (auto i : {1u, 2u}) {
    EXPECT_EQ(quits(at(i)), strings{"guest: Node lost"});
    EXPECT_EQ(at(i).last.dead_nodes, std::vector<std::uint16_t>{1});
    EXPECT_FALSE(at(i).people.find("guest"));
    EXPECT_TRUE(at(i).people.find("member"));
    EXPECT_TRUE(at(i).where.is_lost(member));
    EXPECT_FALSE(at(i).where.is_lost(other));
    ASSERT_EQ(at(i).last.gone.size(), 1u);
    EXPECT_EQ(at(i).last.gone[0].channels, strings{"#c"});
  }
  wait(std::chrono::milliseconds{9'999});
  EXPECT_EQ(quits(at(1)).size(), 1u);
  wait(std::chrono::milliseconds{1});
  EXPECT_EQ(quits(at(1)).back(), "member: Node lost");
  EXPECT_EQ(at(1).last.gone.size(), 1u);
  EXPECT_FALSE(at(1).where.is_lost(member));
  EXPECT_FALSE(at(1).people.find(member));
  EXPECT_FALSE(at(1).core.waits());
}

TEST_F(DeathsTest, ANodeThatWasTakenForDeadHangsUpOnAllItsClients) {
  ++view.version;
  at(0).turn([&](auto& out) { at(0).core.set_view(view, at(0).me + 100, now, out); });
  std::set<std::int64_t> ended;
  for (auto& e : at(0).heard)
    if (e.has_ended())
      ended.insert(e.sessions(0));
  EXPECT_EQ(ended, (std::set{guest, member, other})) << "the last one may have a client here";
}

TEST_F(DeathsTest, WhoIsLostAtOnceIsOneSplit) { // IRCv3 netsplit
  at(0).come("second");
  drain();
  kill(at(0));
  wait(std::chrono::milliseconds{10'000});
  std::vector<std::int64_t> splits;
  for (auto& e : at(1).heard)
    if (e.has_quit())
      splits.push_back(e.quit().split_id());
  ASSERT_EQ(splits.size(), 3u);
  EXPECT_NE(splits[0], 0);
  EXPECT_EQ(splits[1], splits[0]);
  EXPECT_NE(splits[2], splits[0]) << "the member, whose grace is over";
}

// A channel elsewhere may tell of somebody before we have seen that his node lives again.
TEST_F(DeathsTest, WhoIsThereInTheNextLifeOfANodeIsNotOneOfTheDead) {
  chat::v1::Who fresh;
  fresh.set_session_id(999 << 22 | at(0).number << 12);
  at(1).join(fresh, "#c");
  drain();
  view.nodes.push_back({at(0).number, 200, "", "", 1, 1, cluster::node_state::up});
  kill(at(0));
  for (auto i : {1u, 2u})
    EXPECT_EQ(quits(at(i)), strings{"guest: Node lost"});
}

TEST_F(DeathsTest, NobodyElseIsToldOfThoseQuits) {
  auto before = at(1).core.last();
  kill(at(0));
  wait(std::chrono::milliseconds{10'000});
  EXPECT_EQ(at(1).core.last(), before);
  drain();
  EXPECT_EQ(quits(at(2)).size(), 2u) << "its own";
}

TEST_F(DeathsTest, ClientsOfALostSessionAreToComeAgain) {
  kill(at(0));
  auto ended = std::ranges::find_if(at(1).heard, [](auto& e) { return e.has_ended(); });
  ASSERT_NE(ended, at(1).heard.end());
  EXPECT_EQ(ended->sessions(0), member);
}

TEST_F(DeathsTest, AnAdoptedMemberIsNotSeenToGo) {
  kill(at(0));
  adopt(1, member);
  drain();
  wait(std::chrono::milliseconds{60'000});
  for (auto i : {1u, 2u}) {
    EXPECT_EQ(quits(at(i)).size(), 1u) << "the guest's";
    EXPECT_EQ(at(i).where.node_of(member), 2);
    EXPECT_TRUE(at(i).people.is_member(member, "#c"));
  }
  at(1).leave_network(member);
  drain();
  EXPECT_FALSE(at(2).people.find(member)) << "its new home decides";
}

TEST_F(DeathsTest, OfTwoWhoAdoptTheOlderNodeKeepsIt) {
  kill(at(0));
  adopt(2, member);
  adopt(1, member);
  auto ends = std::vector<std::int64_t>{};
  auto keeps = std::vector<std::int64_t>{};
  for (auto i = 0; i < 10; ++i) {
    pump();
    ends.insert(ends.end(), at(2).last.lost_copies.begin(), at(2).last.lost_copies.end());
    keeps.insert(keeps.end(), at(1).last.kept_copies.begin(), at(1).last.kept_copies.end());
    at(2).last = at(1).last = {};
  }
  EXPECT_EQ(ends, std::vector{member});
  EXPECT_EQ(keeps, std::vector{member});
  EXPECT_EQ(at(1).where.node_of(member), 2);
  EXPECT_EQ(at(2).where.node_of(member), 2);
  at(2).people.remove(member, 1); // the copy there ends
  NewsItem gone;
  gone.mutable_user_gone()->set_session_id(member);
  at(2).note(gone);
  drain();
  EXPECT_TRUE(at(1).people.find(member));
  EXPECT_TRUE(at(2).people.find(member)) << "of the one that is kept";
}

TEST_F(DeathsTest, AnAdopterThatDiesLosesIt) {
  kill(at(0));
  adopt(1, member);
  drain();
  kill(at(1));
  EXPECT_TRUE(at(2).where.is_lost(member));
  adopt(2, member);
  EXPECT_EQ(at(2).where.node_of(member), 3);
}

TEST_F(DeathsTest, NobodySeesTwoOfOneName) {
  kill(at(0));
  at(2).heard.clear();
  auto fresh = at(1).come("MEMBER");
  auto e = at(1).event();
  *e.mutable_source() = at(1).who(fresh);
  e.mutable_joined();
  e.set_channel("#c");
  at(1).publish(e);
  drain();
  strings order;
  for (auto& x : at(2).heard)
    order.push_back((x.has_quit()     ? "quit "
                     : x.has_joined() ? "join "
                                      : "other ")
                    + x.source().nick());
  EXPECT_EQ(order, (strings{"quit member", "other member", "join MEMBER"}));
  EXPECT_EQ(at(2).people.find("member")->who.session_id(), fresh);
  EXPECT_EQ(quits(at(1)).back(), "member: Node lost") << "where the new one is, too";
}

TEST_F(DeathsTest, WhatADeadNodeStillSaysIsNotHeard) {
  at(0).say("late");
  auto bytes = at(0).core.news_for(at(2).me);
  kill(at(0));
  at(2).heard.clear();
  EXPECT_EQ(give(at(2), *bytes).next(), 1u);
  EXPECT_TRUE(at(2).heard.empty());
}

TEST_F(DeathsTest, ThoseInTheirGraceAreReported) {
  kill(at(0));
  auto shard = static_cast<std::int32_t>(shard_of(std::string_view{"#c"}));
  auto said = at(2).core.report(5, shard);
  ASSERT_EQ(said.channels_size(), 1);
  ASSERT_EQ(said.channels(0).members_size(), 1);
  EXPECT_EQ(said.channels(0).members(0).who().session_id(), member);
  auto nick = static_cast<std::int32_t>(shard_of(irc::confusable_key("member")));
  EXPECT_EQ(at(2).core.report(4, nick).nicks_size(), 1);
}

TEST_F(DeathsTest, ALateMemberOfADeadNodeIsSentAway) {
  kill(at(0));
  chat::v1::Who who;
  who.set_session_id(guest);
  at(1).place(who, "#late");
  ASSERT_EQ(at(1).last.gone.size(), 1u);
  EXPECT_EQ(at(1).last.gone[0].channels, strings{"#late"});
}

TEST_F(DeathsTest, ANodeThatWasTakenForDeadEndsItsOwnAndBeginsAnew) {
  kill(at(0));
  at(0).me = 200;
  view.nodes.push_back({1, 200, "", "", 1, 1, cluster::node_state::up});
  ++view.version;
  tell_view();
  EXPECT_EQ(quits(at(0)).size(), 2u);
  EXPECT_EQ(at(0).last.dead_nodes, std::vector<std::uint16_t>{1});
  auto back = at(0).come("back");
  drain();
  EXPECT_TRUE(at(1).people.find(back));
  EXPECT_FALSE(at(0).people.find(guest));
  EXPECT_TRUE(at(0).people.find(other));
}

TEST_F(DeathsTest, ANodeThatReturnsKnowsWhoHasGoneOnElsewhere) {
  kill(at(0));
  adopt(1, member);
  drain();
  at(0).me = 200;
  view.nodes.push_back({1, 200, "", "", 1, 1, cluster::node_state::up});
  ++view.version;
  tell_view();
  EXPECT_FALSE(at(0).people.find(member));
  drain();
  ASSERT_TRUE(at(0).people.find(member));
  EXPECT_EQ(at(0).where.node_of(member), 2);
  EXPECT_TRUE(at(0).people.is_member(member, "#c"));
  EXPECT_TRUE(at(0).people.is_member(other, "#c"));
}

} // namespace

} // namespace hamlet
