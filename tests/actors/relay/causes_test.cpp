// SPDX-License-Identifier: Apache-2.0
#include "tests/actors/relay/relay_fixture.hpp"

using namespace std::chrono_literals;

namespace hamlet {

namespace {

using strings = std::vector<std::string>;

/// News that say what has caused them.
struct RelayCauses : RelayTest {
  struct stamp {
    incarnation of;
    std::uint64_t number;
  };
  std::map<std::size_t, std::uint64_t> said; ///< by each node

  void say_after(std::size_t i, const std::string& text, const std::vector<stamp>& causes) {
    chat::v1::Publish x;
    auto& e = *x.add_events();
    e.set_channel("#c");
    e.mutable_message()->set_text(text);
    for (auto& cause : causes) {
      auto* after = e.mutable_origin()->add_after();
      after->set_incarnation(cause.of);
      after->set_number(cause.number);
    }
    caf::anon_send(at(i).running->handle(), std::move(x));
    sched.run();
  }
};

TEST_F(RelayCauses, WhatOneHasCausedIsHeardBehindIt) {
  start(4);
  cut(0, 2);
  say(0, "cause");
  say_after(1, "effect", {{at(0).me, 1}});
  say(1, "later");
  say(3, "other");
  EXPECT_EQ(heard(1), (strings{"cause", "effect", "later", "other"}));
  EXPECT_EQ(heard(2), strings{"other"}) << "others are not held up";
  EXPECT_EQ(heard(3), (strings{"cause", "effect", "later", "other"}));
  mend();
  EXPECT_EQ(heard(2), (strings{"other", "cause", "effect", "later"}));
}

TEST_F(RelayCauses, WhatWaitsForNewsThatWaitGoesOnWithThem) {
  start(4);
  cut(0, 3);
  say(0, "one");
  say_after(1, "two", {{at(0).me, 1}});
  say_after(2, "three", {{at(1).me, 1}});
  EXPECT_EQ(heard(3), strings{});
  mend();
  EXPECT_EQ(heard(3), (strings{"one", "two", "three"}));
}

TEST_F(RelayCauses, NobodyWaitsForEverNorSoonAgain) {
  start(3);
  cut(0, 2);
  say(0, "cause");
  say_after(1, "effect", {{at(0).me, 1}});
  pass(1'900ms);
  EXPECT_EQ(heard(2), strings{});
  pass(400ms);
  EXPECT_EQ(heard(2), strings{"effect"});
  say_after(1, "again", {{at(0).me, 1}});
  EXPECT_EQ(heard(2), (strings{"effect", "again"})) << "that node is known not to reach us";
  mend();
  pass(30s);
  cut(0, 2);
  say(0, "second cause");
  say_after(1, "second effect", {{at(0).me, 2}});
  EXPECT_EQ(heard(2), (strings{"effect", "again", "cause"}));
  mend();
  EXPECT_EQ(heard(2), (strings{"effect", "again", "cause", "second cause", "second effect"}));
}

// The nodes take turns, for what waits is looked through in the order of their numbers.
TEST_F(RelayCauses, OnlyTheNodeThatIsNotHeardIsGivenUp) {
  for (auto [second, third] : {std::pair{1u, 2u}, std::pair{2u, 1u}}) {
    if (nodes.empty())
      start(4);
    mend();
    pass(31s);
    heard(3).clear();
    auto told = at(0).running ? heard(0).size() : 0;
    cut(0, 3);
    auto first = ++said[0];
    say(0, "one");
    say_after(second, "two", {{at(0).me, first}});
    say_after(third, "three", {{at(second).me, ++said[second]}});
    ++said[third];
    pass(2'300ms);
    EXPECT_EQ(heard(3), (strings{"two", "three"}));
    EXPECT_EQ(heard(0).size(), told + 3);
    cut(second, 3);
    say(second, "four");
    say_after(third, "five", {{at(second).me, ++said[second]}});
    ++said[third];
    pass(500ms);
    EXPECT_EQ(heard(3).size(), 2u) << "that one is still waited for";
    mend();
    EXPECT_EQ(heard(3), (strings{"two", "three", "one", "four", "five"}));
  }
}

TEST_F(RelayCauses, CausesInARingHoldUpNobodyForEver) {
  start(3);
  cut(0, 2);
  cut(1, 2);
  say_after(0, "egg", {{at(1).me, 1}}); // so no node of ours tells it
  say_after(1, "hen", {{at(0).me, 1}});
  mend();
  pass(3'900ms);
  EXPECT_EQ(heard(2), strings{});
  pass(400ms);
  EXPECT_EQ(heard(2).size(), 2u);
}

TEST_F(RelayCauses, SoMuchWaitsAndNoMore) {
  start(3);
  cut(0, 2);
  say(0, "cause");
  say_after(1, "effect", {{at(0).me, 1}});
  for (auto i = 0; i < 30; ++i)
    say(1, std::string(200u << 10, 'x'));
  EXPECT_EQ(heard(2), strings{});
  auto is_told = false;
  at(1).running->when_told(60s, [&] { is_told = true; });
  sched.run();
  EXPECT_FALSE(is_told) << "its author keeps the rest";
  mend();
  pass(2s);
  EXPECT_TRUE(is_told);
  ASSERT_EQ(heard(2).size(), 32u);
  EXPECT_EQ(heard(2)[0], "cause");
  EXPECT_EQ(heard(2)[1], "effect");
}

TEST_F(RelayCauses, NobodyWaitsForTheDead) {
  start(3);
  cut(0, 2);
  say(0, "lost");
  say_after(1, "effect", {{at(0).me, 1}});
  kill(0);
  EXPECT_EQ(heard(2), strings{"effect"});
  say_after(1, "again", {{at(0).me, 1}});
  EXPECT_EQ(heard(2), (strings{"effect", "again"}));
}

TEST_F(RelayCauses, LastWordsOfTheDeadAreHeard) {
  start(3);
  cut(0, 2);
  say(0, "cause");
  say_after(1, "effect", {{at(0).me, 1}});
  kill(1);
  EXPECT_EQ(heard(2), strings{"effect"});
}

TEST_F(RelayCauses, WhatIsKnownAlreadyIsNotWaitedForTwice) {
  start(3);
  cut(0, 2);
  say(0, "cause");
  say_after(1, "effect", {{at(0).me, 1}});
  pass(2'300ms);
  ASSERT_EQ(heard(2), strings{"effect"});
  pass(31s);            // the cause would be waited for again
  chat::v1::News again; // its answer was lost: it comes once more, and something new behind it
  again.set_incarnation(at(1).me);
  again.set_first(1);
  for (auto* text : {"effect", "new"}) {
    auto& e = *again.add_items()->mutable_event();
    e.set_channel("#c");
    e.mutable_message()->set_text(text);
  }
  auto& after = *again.mutable_items(0)->mutable_event()->mutable_origin()->add_after();
  after.set_incarnation(at(0).me);
  after.set_number(1);
  caf::anon_send(at(2).running->handle(), std::move(again));
  sched.run();
  EXPECT_EQ(heard(2), (strings{"effect", "new"}));
}

class RelayCausesSeeds : public RelayCauses, public ::testing::WithParamInterface<unsigned> {};

TEST_P(RelayCausesSeeds, NoEffectComesBeforeItsCauseWhateverLinksLose) {
  rng.seed(GetParam());
  start(4);
  std::map<std::string, strings> causes;
  for (auto i = 0; i < 200; ++i) {
    loss = rng() % 3 == 0 ? 40 : 0;
    auto by = rng() % 4;
    // All that its node has heard of others so far.
    std::vector<std::uint64_t> numbers(4);
    for (auto& x : heard(by))
      ++numbers[static_cast<std::size_t>(x[0] - '0')];
    std::vector<stamp> after;
    for (auto other = 0u; other < 4; ++other)
      if (other != by && numbers[other] > 0)
        after.push_back({at(other).me, numbers[other]});
    auto text = std::to_string(by) + " " + std::to_string(i);
    causes[text] = heard(by);
    say_after(by, text, after);
    if (rng() % 10 == 0)
      pass(200ms);
  }
  loss = 0;
  pass(3s);
  for (auto i = 0u; i < 4; ++i) {
    EXPECT_EQ(heard(i).size(), 200u) << "at node " << i;
    std::set<std::string> before;
    for (auto& x : heard(i)) {
      for (auto& cause : causes[x])
        ASSERT_TRUE(before.contains(cause)) << x << " before " << cause << " at node " << i;
      before.insert(x);
    }
  }
}
INSTANTIATE_TEST_SUITE_P(Seeds, RelayCausesSeeds, ::testing::Range(1u, 21u));

} // namespace

} // namespace hamlet
