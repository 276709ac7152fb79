// SPDX-License-Identifier: Apache-2.0
#include "tests/actors/relay/relay_fixture.hpp"

using namespace std::chrono_literals;

namespace hamlet {

namespace {

using strings = std::vector<std::string>;

/// A Redis that all nodes share, and that loses what a test wants it to lose.
struct RelayBus : RelayTest {
  class end final : public news_carrier {
  public:
    explicit end(RelayBus& test) : test_{test} {}
    bool is_up() const override { return up; }
    bool publish(std::int64_t incarnation, std::uint64_t first, std::string news) override {
      if (!up)
        return false;
      ++test_.published;
      test_.kept[incarnation].emplace_back(first, news);
      for (auto& x : test_.nodes)
        if (test_.ends[x->number]->up && !test_.is_lost(x->number))
          x->running->hear(news);
      return true;
    }
    void fetch(std::int64_t incarnation, std::uint64_t first,
               std::function<void(std::vector<std::string>)> then) override {
      ++test_.fetched;
      strings all;
      for (auto& [number, news] : test_.kept[incarnation])
        if (up && number >= first)
          all.push_back(news);
      then(std::move(all));
    }
    bool up = true;

  private:
    RelayBus& test_;
  };

  RelayBus() {
    bus_of = [this](std::uint16_t n) { return (ends[n] = std::make_unique<end>(*this)).get(); };
  }
  bool is_lost(std::uint16_t number) {
    return deaf.contains(number) || (bus_loss > 0 && rng() % 100 < bus_loss);
  }

  std::map<std::uint16_t, std::unique_ptr<end>> ends;
  std::map<std::int64_t, std::vector<std::pair<std::uint64_t, std::string>>> kept;
  std::set<std::uint16_t> deaf; ///< nodes that hear nothing of the bus
  unsigned bus_loss = 0;        ///< percent
  std::size_t published = 0, fetched = 0;
};

TEST_F(RelayBus, TellsNewsOnceHoweverManyHearThem) {
  start(3);
  strings said;
  for (auto i = 0; i < 10; ++i)
    say(0, said.emplace_back(std::to_string(i)));
  for (auto i : {0u, 1u, 2u})
    EXPECT_EQ(heard(i), said);
  EXPECT_EQ(published, 10u);
  EXPECT_EQ(at(0).out.sent, 0u) << "over links";
  pass(2s);
  EXPECT_EQ(at(0).out.sent, 2u) << "one digest for each peer, and then nobody asks any more";
  for (auto i : {0u, 1u, 2u})
    EXPECT_EQ(heard(i), said);
}

TEST_F(RelayBus, WhatOneHasNotGotByTheBusComesOverTheLink) {
  start(3);
  deaf.insert(2);
  say(0, "one");
  EXPECT_EQ(heard(1), strings{});
  EXPECT_EQ(heard(2), strings{"one"});
  pass(500ms);
  EXPECT_EQ(heard(1), strings{"one"});
  say(0, "two");
  EXPECT_EQ(heard(1), (strings{"one", "two"})) << "for a while the link is not waited for";
  deaf.clear();
  pass(11s);
  say(0, "three");
  auto sent = at(0).out.sent;
  EXPECT_EQ(heard(1), (strings{"one", "two", "three"}));
  say(0, "four");
  EXPECT_EQ(at(0).out.sent, sent) << "the bus reaches it again";
  EXPECT_EQ(heard(1).back(), "four");
}

TEST_F(RelayBus, FetchesWhatItHasMissed) {
  start(2);
  say(0, "zero");
  deaf.insert(2);
  say(0, "one");
  say(0, "two");
  deaf.clear();
  say(0, "three");
  EXPECT_EQ(heard(1), (strings{"zero", "one", "two", "three"}));
  EXPECT_EQ(fetched, 1u);
  EXPECT_EQ(at(0).out.sent, 0u);
}

TEST_F(RelayBus, LinksCarryAllWhileTheBusIsDown) {
  start(2);
  ends[1]->up = ends[2]->up = false;
  say(0, "one");
  EXPECT_EQ(heard(1), strings{"one"});
  EXPECT_EQ(published, 0u);
  ends[1]->up = ends[2]->up = true;
  kept.clear(); // it has begun anew
  say(0, "two");
  EXPECT_EQ(heard(1), (strings{"one", "two"}));
  EXPECT_EQ(published, 1u);
}

TEST_F(RelayBus, AReplyWaitsForWhatTheBusStillBrings) {
  start(2);
  deaf.insert(2);
  say(0, "before");
  reply(1, "joined", at(0).me, 1);
  EXPECT_EQ(heard(1), strings{});
  pass(500ms);
  EXPECT_EQ(heard(1), (strings{"before", "reply joined"}));
}

TEST_F(RelayBus, WhatItBringsTooEarlyWaitsForItsCause) {
  start(3);
  deaf.insert(3);
  say(0, "cause");
  deaf.clear();
  chat::v1::Publish x;
  x.add_events()->mutable_message()->set_text("effect");
  auto* after = x.mutable_events(0)->mutable_origin()->add_after();
  after->set_incarnation(at(0).me);
  after->set_number(1);
  caf::anon_send(at(1).running->handle(), std::move(x));
  sched.run();
  for (auto i = 0; i < 5; ++i)
    say(1, std::to_string(i));
  EXPECT_EQ(heard(1).size(), 7u);
  EXPECT_EQ(heard(2), strings{});
  EXPECT_EQ(fetched, 0u) << "nothing is missing but the cause";
  pass(500ms);
  EXPECT_EQ(heard(2), (strings{"cause", "effect", "0", "1", "2", "3", "4"}));
}

class RelayBusSeeds : public RelayBus, public ::testing::WithParamInterface<unsigned> {};

TEST_P(RelayBusSeeds, AllHearAllOfEachInItsOrderWhateverBusAndLinksLose) {
  rng.seed(GetParam());
  start(3);
  for (auto i = 0; i < 300; ++i) {
    loss = bus_loss = rng() % 3 == 0 ? 40 : 0;
    if (rng() % 20 == 0)
      ends[static_cast<std::uint16_t>(1 + rng() % 3)]->up = rng() % 2 == 0;
    auto by = rng() % 3;
    say(by, std::to_string(by) + " " + std::to_string(i));
    if (rng() % 10 == 0)
      pass(200ms);
  }
  loss = bus_loss = 0;
  pass(5s);
  for (auto i : {0u, 1u, 2u}) {
    EXPECT_EQ(heard(i).size(), 300u) << "at node " << i;
    std::map<char, int> last{{'0', -1}, {'1', -1}, {'2', -1}};
    for (auto& x : heard(i)) {
      auto number = std::stoi(x.substr(2));
      EXPECT_LT(last[x[0]], number) << "at node " << i;
      last[x[0]] = number;
    }
  }
}
INSTANTIATE_TEST_SUITE_P(Seeds, RelayBusSeeds, ::testing::Range(1u, 21u));

} // namespace

} // namespace hamlet
