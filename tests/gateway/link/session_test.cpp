// SPDX-License-Identifier: Apache-2.0
#include "gateway/link/session.hpp"

#include <gtest/gtest.h>

namespace hamlet::link {

namespace {

rules small_rules() {
  rules x;
  x.window = 4;
  x.window_octets = 1000;
  x.queue = 8;
  x.queue_octets = 4000;
  x.answer_octets = 5000;
  x.max_payload = 2500;
  x.frame_octets = 600;
  return x;
}

Hello hello_of(std::int64_t id, const std::string& cluster = "tea") {
  Hello x;
  x.set_cluster(cluster);
  x.set_name("node" + std::to_string(id));
  x.set_node_id(id);
  x.set_incarnation(10 * id);
  return x;
}

/// Two sessions and the wire between them, which the test moves.
struct pair_of_sessions {
  explicit pair_of_sessions(const rules& a = small_rules(), const rules& b = small_rules(),
                            const std::string& cluster_of_b = "tea")
      : one{hello_of(1), a, true, welcome, time}, two{hello_of(2, cluster_of_b), b, false, welcome,
                                                      time} {}

  static std::optional<Refused> welcome(const Hello&) { return std::nullopt; }

  /// Moves all that one side has to say. What it caused is in `at_one` and `at_two`.
  bool move_one_frame(session& from, session& to, news& into) {
    if (!from.has_frame())
      return false;
    auto frame = from.next_frame(time);
    largest = std::max(largest, frame.ByteSizeLong());
    auto found = to.on_frame(frame, time);
    for (auto& x : found.commands)
      into.commands.push_back(std::move(x));
    if (found.up)
      into.up = found.up;
    if (found.ends)
      into.ends = found.ends;
    if (found.view_hint)
      into.view_hint = found.view_hint;
    for (auto& x : found.replies)
      x.done(x.with);
    return true;
  }
  void move() {
    while (move_one_frame(one, two, at_two) || move_one_frame(two, one, at_one)) {
    }
  }

  /// A command from one to two.
  bool ask(std::string payload = {}, bool is_note = false) {
    command x;
    x.payload = std::move(payload);
    x.left = instant{10'000};
    x.is_note = is_note;
    x.id.counter = ++asked;
    on_reply done = [this](const reply& with) { replies.push_back(with); };
    return one.submit(x, done, time);
  }
  void answer_all(const std::string& payload = {}) {
    for (auto& x : std::exchange(at_two.commands, {}))
      two.answer(x.sequence, {delivery::ok, 0, 0, payload, errc::none, {}});
  }

  instant time{0};
  session one, two;
  news at_one, at_two;
  std::uint64_t asked = 0;
  std::vector<reply> replies;
  std::size_t largest = 0;
};

TEST(LinkSession, NothingIsSaidBeforeBothHaveSaidHello) {
  pair_of_sessions x;
  EXPECT_FALSE(x.ask());
  EXPECT_FALSE(x.two.has_frame());
  x.move();
  ASSERT_TRUE(x.at_one.up && x.at_two.up);
  EXPECT_EQ(x.at_one.up->node_id(), 2);
  EXPECT_EQ(x.at_two.up->incarnation(), 10);
  EXPECT_EQ(x.one.wire(), wire_max);
  EXPECT_TRUE(x.ask());
}

TEST(LinkSession, CommandsKeepTheirOrderAndAnswersFindTheirQuestion) {
  pair_of_sessions x;
  x.move();
  for (auto* text : {"a", "b", "c"})
    EXPECT_TRUE(x.ask(text));
  x.move();
  ASSERT_EQ(x.at_two.commands.size(), 3u);
  EXPECT_EQ(x.at_two.commands[0].what.payload, "a");
  EXPECT_EQ(x.at_two.commands[2].what.payload, "c");
  EXPECT_EQ(x.at_two.commands[2].what.id.counter, 3u);
  for (auto i : {2u, 0u, 1u})
    x.two.answer(x.at_two.commands[i].sequence,
                 {delivery::ok, 0, 0, x.at_two.commands[i].what.payload + "!", errc::none, {}});
  x.move();
  ASSERT_EQ(x.replies.size(), 3u);
  EXPECT_EQ(x.replies[0].payload, "c!");
  EXPECT_EQ(x.replies[1].payload, "a!");
}

TEST(LinkSession, ErrorsTravelAsTheyAre) {
  pair_of_sessions x;
  x.move();
  x.ask();
  x.ask();
  x.move();
  x.two.answer(1, {delivery::failed, 0, 0, {}, errc::over_quota, "full"});
  x.two.answer(2, {delivery::moved, 7, 30, {}, errc::none, {}});
  x.move();
  ASSERT_EQ(x.replies.size(), 2u);
  EXPECT_EQ(x.replies[0].code, errc::over_quota);
  EXPECT_EQ(x.replies[0].detail, "full");
  EXPECT_EQ(x.replies[1].what, delivery::moved);
  EXPECT_EQ(x.replies[1].epoch, 7);
  EXPECT_EQ(x.replies[1].owner, 30);
}

TEST(LinkSession, AStalledPeerHoldsAWindowAndAQueueAndNoMore) {
  pair_of_sessions x;
  x.move();
  std::size_t taken = 0;
  for (int i = 0; i < 1000; ++i) {
    taken += x.ask(std::string(100, 'x'));
    x.move(); // two takes them in and never answers
  }
  EXPECT_EQ(x.at_two.commands.size(), 4u);
  EXPECT_EQ(taken, 4u + 8u);
  EXPECT_EQ(x.one.waiting(), 8u);
  EXPECT_EQ(x.one.unanswered(), 4u);
  EXPECT_LE(x.one.held_octets(), small_rules().queue_octets);
  EXPECT_LE(x.two.held_octets(), small_rules().window_octets);
  while (!x.at_two.commands.empty() || x.one.waiting() > 0) {
    x.answer_all();
    x.move();
  }
  EXPECT_EQ(x.replies.size(), taken);
}

TEST(LinkSession, OctetsAreBoundedAsWell) {
  pair_of_sessions x;
  x.move();
  EXPECT_FALSE(x.ask(std::string(2501, 'x'))); // never
  for (int i = 0; i < 10; ++i)
    x.ask(std::string(900, 'x'));
  x.move();
  EXPECT_EQ(x.at_two.commands.size(), 2u); // 900 of 1000, and the one that exceeds it
  for (int i = 0; i < 10; ++i)
    x.ask(std::string(900, 'x'));
  EXPECT_EQ(x.one.waiting(), 4u); // 3600 of 4000
}

TEST(LinkSession, CreditComesBackWithTheAnswerAndNotBefore) {
  pair_of_sessions x;
  x.move();
  for (int i = 0; i < 8; ++i)
    x.ask();
  x.move();
  EXPECT_EQ(x.at_two.commands.size(), 4u);
  auto first = x.at_two.commands.front().sequence;
  x.two.answer(first, {delivery::ok, 0, 0, {}, errc::none, {}});
  x.move();
  EXPECT_EQ(x.at_two.commands.size(), 5u);
}

TEST(LinkSession, ANoteGivesItsRoomBackToo) {
  pair_of_sessions x;
  x.move();
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(x.ask({}, true)) << i;
    x.move();
    x.answer_all();
    x.move();
  }
  EXPECT_TRUE(x.replies.empty());
  EXPECT_EQ(x.one.unanswered(), 0u);
}

TEST(LinkSession, APeerThatSendsMoreThanItMayIsSentAway) {
  auto generous = small_rules();
  generous.window = 100;
  pair_of_sessions x{small_rules(), generous};
  x.move();
  Frame frame; // as if two had given credit for a hundred
  for (std::uint64_t i = 1; i <= 5; ++i)
    frame.add_envelope()->set_sequence(i);
  auto found = x.one.on_frame(frame, x.time);
  ASSERT_TRUE(found.ends);
  EXPECT_EQ(found.ends->reason(), Refused::PROTOCOL);
  EXPECT_EQ(found.commands.size(), 4u);
}

TEST(LinkSession, AnEnvelopeThatCameBeforeIsNotTakenAgain) {
  pair_of_sessions x;
  x.move();
  Frame frame;
  frame.add_envelope()->set_sequence(1);
  auto copy = frame;
  EXPECT_FALSE(x.one.on_frame(frame, x.time).ends);
  EXPECT_TRUE(x.one.on_frame(copy, x.time).ends);
}

TEST(LinkSession, LargeAnswersThatNobodyReadsBecomeFailures) {
  auto wide = small_rules();
  wide.window = 100;
  pair_of_sessions x{wide, wide};
  x.move();
  for (int i = 0; i < 8; ++i)
    x.ask();
  x.move();
  x.answer_all(std::string(2000, 'x')); // nothing is moved meanwhile
  EXPECT_LE(x.two.held_octets(), wide.answer_octets);
  x.move();
  ASSERT_EQ(x.replies.size(), 8u);
  EXPECT_EQ(x.replies[0].what, delivery::ok);
  EXPECT_EQ(x.replies[7].what, delivery::failed);
  EXPECT_EQ(x.replies[7].code, errc::busy);
}

TEST(LinkSession, AFrameTakesALimitAndOneMore) {
  pair_of_sessions x;
  x.move();
  for (int i = 0; i < 4; ++i)
    x.ask(std::string(240, 'x'));
  x.move();
  EXPECT_LT(x.largest, 1200u);
}

TEST(LinkSession, WhatNobodyWaitsForIsForgotten) {
  pair_of_sessions x;
  x.move();
  for (int i = 0; i < 6; ++i)
    x.ask();
  x.move();
  x.time += instant{3'000};
  x.one.tick(x.time);
  x.move(); // probes: both are heard
  x.time += instant{3'000};
  x.one.tick(x.time);
  x.move();
  x.time += instant{3'999};
  EXPECT_TRUE(x.one.tick(x.time).replies.empty());
  x.move();
  x.time += instant{1};
  auto found = x.one.tick(x.time);
  ASSERT_EQ(found.replies.size(), 6u);
  EXPECT_EQ(
    std::ranges::count_if(found.replies, [](auto& y) { return y.with.what == delivery::lost; }),
    4); // those that were sent
  EXPECT_EQ(x.one.waiting() + x.one.unanswered(), 0u);
  x.answer_all();
  x.move(); // too late: nobody is told
  EXPECT_TRUE(x.replies.empty());
}

TEST(LinkSession, ASilentPeerIsCutOffAndAnIdleOneIsNot) {
  pair_of_sessions x;
  x.move();
  for (int i = 0; i < 10; ++i) {
    x.time += instant{1'000};
    EXPECT_FALSE(x.one.tick(x.time).ends) << i;
    x.move();
  }
  x.time += instant{3'999};
  EXPECT_FALSE(x.one.tick(x.time).ends);
  x.time += instant{1};
  EXPECT_TRUE(x.one.tick(x.time).ends);
}

TEST(LinkSession, TheEndTellsWhatWasSentFromWhatWasNot) {
  pair_of_sessions x;
  x.move();
  for (int i = 0; i < 6; ++i)
    x.ask();
  x.move();
  auto left = x.one.end();
  ASSERT_EQ(left.size(), 6u);
  EXPECT_EQ(std::ranges::count_if(left, [](auto& y) { return y.with.what == delivery::lost; }), 4);
  EXPECT_EQ(
    std::ranges::count_if(left, [](auto& y) { return y.with.what == delivery::unreachable; }), 2);
  EXPECT_FALSE(x.one.has_frame());
  EXPECT_FALSE(x.ask());
}

TEST(LinkSession, AnotherClusterIsRefused) {
  pair_of_sessions x{small_rules(), small_rules(), "coffee"};
  x.move();
  ASSERT_TRUE(x.at_two.ends);
  EXPECT_EQ(x.at_two.ends->reason(), Refused::CLUSTER);
  EXPECT_FALSE(x.at_one.up);
}

TEST(LinkSession, VersionsMustMeet) {
  struct {
    std::uint32_t a_from, a_to, b_from, b_to, agreed; // 0: none
  } cases[] = {{1, 1, 1, 1, 1}, {1, 3, 2, 5, 3}, {4, 6, 1, 4, 4},
               {1, 2, 3, 4, 0}, {3, 4, 1, 2, 0}, {2, 1, 1, 4, 0}};
  for (auto& c : cases) {
    auto a = small_rules(), b = small_rules();
    a.versions_from = c.a_from, a.versions_to = c.a_to;
    b.versions_from = c.b_from, b.versions_to = c.b_to;
    pair_of_sessions x{a, b};
    x.move();
    EXPECT_EQ(x.at_two.ends.has_value(), c.agreed == 0) << c.a_from;
    EXPECT_EQ(x.two.wire(), c.agreed) << c.a_from;
  }
}

TEST(LinkSession, AStrangerIsJudgedBeforeAnythingElse) {
  session x{hello_of(1), small_rules(), false,
            [](const Hello&) { return refusal(Refused::NAME, "who?"); }, instant{0}};
  Frame frame;
  *frame.mutable_hello() = hello_of(2);
  frame.mutable_hello()->set_wire_min(1);
  frame.mutable_hello()->set_wire_max(1);
  frame.mutable_hello()->mutable_window()->set_envelopes(1);
  frame.mutable_hello()->mutable_window()->set_octets(1);
  frame.add_envelope()->set_sequence(1);
  auto found = x.on_frame(frame, instant{0});
  EXPECT_TRUE(found.ends);
  EXPECT_FALSE(found.up);
  EXPECT_TRUE(found.commands.empty());
}

TEST(LinkSession, TheFirstFrameIsHelloAndTheSecondIsNot) {
  pair_of_sessions x;
  Frame empty;
  EXPECT_TRUE(x.two.on_frame(empty, x.time).ends);
  pair_of_sessions y;
  y.move();
  Frame again;
  *again.mutable_hello() = hello_of(1);
  EXPECT_TRUE(y.two.on_frame(again, y.time).ends);
}

TEST(LinkSession, CreditWithoutMeasureIsNoTrouble) {
  pair_of_sessions x;
  x.move();
  Frame frame;
  frame.mutable_credit()->set_envelopes(~std::uint64_t{0});
  frame.mutable_credit()->set_octets(~std::uint64_t{0});
  auto copy = frame;
  EXPECT_FALSE(x.one.on_frame(frame, x.time).ends);
  EXPECT_FALSE(x.one.on_frame(copy, x.time).ends);
  EXPECT_TRUE(x.ask());
}

TEST(LinkSession, TheLatestViewIsTold) {
  pair_of_sessions x;
  x.move();
  x.one.tell_view(5);
  x.one.tell_view(6);
  x.move();
  EXPECT_EQ(x.at_two.view_hint, 6);
}

} // namespace

} // namespace hamlet::link
