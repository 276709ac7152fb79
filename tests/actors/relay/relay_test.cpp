// SPDX-License-Identifier: Apache-2.0
#include "tests/actors/relay/relay_fixture.hpp"

using namespace std::chrono_literals;

namespace hamlet {

namespace {

using strings = std::vector<std::string>;

struct Relay : RelayTest {};

TEST_F(Relay, WhatHappensAtOneNodeIsHeardAtAll) {
  start(3);
  say(0, "one");
  say(1, "two");
  for (auto i : {0u, 1u, 2u})
    EXPECT_EQ(heard(i), (strings{"one", "two"}));
}

TEST_F(Relay, AReplySaysUpToWhichNewsItIs) {
  start(1);
  say(0, "one");
  auto got = client->request(at(0).running->handle(), caf::infinite, chat::v1::Publish{});
  sched.run();
  got.receive(
    [](const chat::v1::Reply& x) {
      EXPECT_EQ(x.stamp().incarnation(), 10);
      EXPECT_EQ(x.stamp().number(), 1u);
    },
    [](const caf::error&) { FAIL(); });
}

TEST_F(Relay, AReplyComesBehindTheEventsBeforeIt) {
  start(2);
  cut(0, 1);
  say(0, "before");
  reply(1, "joined", at(0).me, 1);
  say(1, "here");
  EXPECT_EQ(heard(1), strings{"here"}) << "others are not held up";
  mend();
  EXPECT_EQ(heard(1), (strings{"here", "before", "reply joined"}));
}

TEST_F(Relay, AReplyDoesNotWaitForEver) {
  start(2);
  cut(0, 1);
  say(0, "before");
  reply(1, "joined", at(0).me, 1);
  pass(12'900ms);
  EXPECT_EQ(heard(1), strings{});
  pass(400ms);
  EXPECT_EQ(heard(1), strings{"reply joined"});
}

TEST_F(Relay, AReplyOfANodeThatHasDiedDoesNotWait) {
  start(2);
  cut(0, 1);
  say(0, "before");
  reply(1, "joined", at(0).me, 1);
  kill(0);
  EXPECT_EQ(heard(1), strings{"reply joined"});
}

TEST_F(Relay, AYesWhoseEventsDiedWithTheirNodeIsAFailure) {
  start(2);
  say(0, "known");
  cut(0, 1);
  say(0, "lost");
  auto ask = [&](std::uint64_t number) {
    chat::v1::Publish x;
    x.mutable_reply()->mutable_stamp()->set_incarnation(at(0).me);
    x.mutable_reply()->mutable_stamp()->set_number(number);
    return client->request(at(1).running->handle(), caf::infinite, std::move(x));
  };
  auto expect = [](chat::v1::Refusal why) {
    return [why](const chat::v1::Reply& x) { EXPECT_EQ(x.refusal(), why); };
  };
  auto none = [](const caf::error&) { FAIL(); };
  auto known = ask(1), held = ask(2);
  sched.run();
  kill(0);
  auto late = ask(2);
  sched.run();
  known.receive(expect(chat::v1::NONE), none);
  held.receive(expect(chat::v1::FAILED), none);
  late.receive(expect(chat::v1::FAILED), none);
}

TEST_F(Relay, HoldsSoMuchAndNoMore) {
  start(2);
  for (auto i = 0; i < 5; ++i)
    reply(1, std::to_string(i) + std::string(4u << 20, 'x'), at(0).me, 1);
  ASSERT_EQ(heard(1).size(), 2u) << "three are held";
  EXPECT_EQ(heard(1)[0][6], '3');
  say(0, "before");
  EXPECT_EQ(heard(1).size(), 6u);
}

TEST_F(Relay, APeerWithoutAnAnswerHoldsUpNobody) {
  start(3);
  at(0).out.swallows.insert(at(1).me);
  auto before = at(0).out.sent;
  for (auto i = 0; i < 100; ++i)
    say(0, std::to_string(i));
  EXPECT_EQ(heard(0).size(), 100u);
  EXPECT_EQ(heard(2).size(), 100u);
  EXPECT_LE(at(0).out.sent - before, 100u + news_to::most_under_way);
  mend();
  pass(11s);
  EXPECT_EQ(heard(1).size(), 100u);
}

TEST_F(Relay, NewsComeOnceAndInOrderOverABadLink) {
  for (auto seed = 1u; seed <= 10; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    rng.seed(seed);
    if (nodes.empty())
      start(3);
    for (auto i : {0u, 1u, 2u})
      heard(i).clear();
    loss = 30;
    strings said;
    for (auto i = 0; i < 50; ++i) {
      say(0, std::to_string(i));
      said.push_back(std::to_string(i));
      if (i % 7 == 0)
        pass(100ms);
    }
    loss = 0;
    pass(1s);
    for (auto i : {0u, 1u, 2u})
      EXPECT_EQ(heard(i), said);
  }
}

TEST_F(Relay, PresenceOfOneNodeIsThatOfAll) {
  start(2);
  auto alice = come(0, "alice");
  place(1, alice, "#c"); // its CHANNEL is at the other node
  EXPECT_TRUE(at(1).people.find("alice"));
  EXPECT_TRUE(at(0).people.is_member(alice, "#c"));
  EXPECT_TRUE(at(1).people.is_member(alice, "#c")) << "where it was said";
  channel_card card;
  card.name = "#c";
  at(1).people.put(std::make_shared<const channel_card>(card));
  card.name = "&local";
  at(1).people.put(std::make_shared<const channel_card>(card));
  sched.run();
  EXPECT_TRUE(at(0).people.find_channel("#c"));
  EXPECT_FALSE(at(0).people.find_channel("&local"));
  at(1).running->mirror().member_gone("#c", alice);
  at(1).running->mirror().ended("#c");
  at(0).people.remove(alice, 1);
  sched.run();
  EXPECT_FALSE(at(0).people.find_channel("#c"));
  EXPECT_TRUE(at(0).people.channels_of(alice).empty());
  EXPECT_FALSE(at(1).people.find("alice"));
}

TEST_F(Relay, OwnersForgetWhoWasAtADeadNode) {
  start(3);
  auto guest = come(0, "guest");
  place(1, guest, "#c");
  own(cluster::shard_kind::channel, "#c", 1);
  own(cluster::shard_kind::nick, irc::confusable_key("guest"), 2);
  kill(0);
  for (auto i : {1u, 2u}) {
    EXPECT_EQ(heard(i), (strings{"quit guest", "offline guest"}));
    EXPECT_EQ(at(i).gone, std::vector<std::uint16_t>{1});
    EXPECT_TRUE(at(i).homes->is_dead(1));
    ASSERT_EQ(asked(i).size(), 1u);
  }
  EXPECT_TRUE(asked(1)[0].has_leave());
  EXPECT_EQ(asked(1)[0].channel(), "#c");
  EXPECT_EQ(asked(1)[0].leave().reason(), "Node lost");
  EXPECT_EQ(asked(2)[0].release_nick().nick(), "guest");
}

// Its home tells them, too, by another way: that may take longer than the news, for others to see.
TEST_F(Relay, OwnersHearOfUsersOfOtherNodesAsTheirClientsDo) {
  start(2);
  auto guest = come(0, "guest");
  place(1, guest, "#c");
  own(cluster::shard_kind::channel, "#c", 1);
  chat::v1::Publish x;
  auto& source = *x.add_events()->mutable_source();
  source.set_session_id(guest);
  source.set_nick("guest");
  x.mutable_events(0)->mutable_who_changed();
  auto& gone = *x.add_events();
  *gone.mutable_source() = source;
  gone.mutable_quit()->set_reason("bye");
  caf::anon_send(at(0).running->handle(), std::move(x));
  sched.run();
  EXPECT_TRUE(asked(0).empty());
  ASSERT_EQ(asked(1).size(), 2u);
  auto leaves = asked(1)[0].has_leave() ? 0u : 1u;
  EXPECT_EQ(asked(1)[leaves].leave().reason(), "bye");
  EXPECT_TRUE(asked(1)[1 - leaves].has_member_changed());
  EXPECT_EQ(asked(1)[1].channel(), "#c");
}

TEST_F(Relay, AMemberWhoDoesNotComeBackQuitsAfterTheGrace) {
  start(2);
  come(0, "member", 7);
  kill(0);
  EXPECT_EQ(heard(1), strings{"ended member"});
  pass(9'900ms);
  EXPECT_EQ(heard(1).size(), 1u);
  pass(500ms);
  EXPECT_EQ(heard(1), (strings{"ended member", "quit member", "offline member"}));
}

TEST_F(Relay, PassesRequestsToTheSessionsOfItsNode) {
  start(1);
  chat::v1::Request x;
  x.set_session_id(5);
  x.mutable_settle();
  auto got = client->request(at(0).running->handle(), caf::infinite, std::move(x));
  sched.run();
  got.receive([](const chat::v1::Reply& y) { EXPECT_EQ(y.detail(), "done"); },
              [](const caf::error&) { FAIL(); });
  EXPECT_EQ(asked(0).size(), 1u);
}

} // namespace

} // namespace hamlet
