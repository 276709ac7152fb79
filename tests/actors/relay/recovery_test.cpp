// SPDX-License-Identifier: Apache-2.0
#include "actors/relay/recovery.hpp"
#include "tests/actors/relay/relay_fixture.hpp"

#include <optional>

using namespace std::chrono_literals;

namespace hamlet {

namespace {

using chat::v1::Reported;

struct Recovery : RelayTest {
  std::shared_ptr<std::optional<result<Reported>>> begin(std::size_t i, cluster::shard_kind kind,
                                                         std::string_view key) {
    auto got = std::make_shared<std::optional<result<Reported>>>();
    recover(sys, {at(i).parts, at(i).running->handle(), &at(i).people}, kind,
            static_cast<std::int32_t>(shard_of(key)),
            [got](result<Reported> x) { got->emplace(std::move(x)); });
    sched.run();
    return got;
  }
  void state(std::size_t i, const std::string& channel, std::int64_t epoch, std::uint64_t seq) {
    chat::v1::ChannelState x;
    x.set_name(channel);
    x.set_epoch(epoch);
    x.set_seq(seq);
    at(i).running->mirror().state(x);
    sched.run();
  }
};

TEST_F(Recovery, FindsAChannelWithTheMembersOfAllLivingNodes) {
  start(3);
  auto alice = come(0, "alice");
  auto bob = come(1, "bob");
  auto guest = come(2, "guest");
  auto member = come(2, "member", 7);
  for (auto id : {alice, bob, guest, member})
    place(2, id, "#c");
  state(2, "#c", 5, 9);
  kill(2);
  auto got = begin(0, cluster::shard_kind::channel, "#c");
  ASSERT_TRUE(*got && **got);
  auto& found = ***got;
  ASSERT_EQ(found.channels_size(), 1);
  EXPECT_EQ(found.channels(0).epoch(), 5);
  EXPECT_EQ(found.channels(0).seq(), 9u);
  std::set<std::string> nicks;
  for (auto& m : found.channels(0).members())
    nicks.insert(m.who().nick());
  EXPECT_EQ(nicks, (std::set<std::string>{"alice", "bob", "member"})) << "its guests are gone";
}

TEST_F(Recovery, FindsTheNicksOfAllLivingNodes) {
  start(3);
  come(0, "alice");
  auto bob = come(1, "bob");
  at(1).claims.add(77, "zora");
  kill(2);
  auto got = begin(0, cluster::shard_kind::nick, irc::confusable_key("bob"));
  ASSERT_EQ((**got)->nicks_size(), 1);
  EXPECT_EQ((**got)->nicks(0).session_id(), bob);
  got = begin(0, cluster::shard_kind::nick, irc::confusable_key("zora"));
  ASSERT_EQ((**got)->nicks_size(), 1);
  EXPECT_EQ((**got)->nicks(0).session_id(), 77);
}

TEST_F(Recovery, WaitsForNewsThatAreOnTheirWay) {
  start(3);
  auto bob = come(1, "bob");
  at(2).out.swallows.insert(at(1).me); // of the owner, to the home of bob
  place(2, bob, "#c");
  auto got = begin(0, cluster::shard_kind::channel, "#c");
  EXPECT_FALSE(*got) << "the home of bob has not heard it";
  at(2).out.swallows.clear();
  pass(11s);
  ASSERT_TRUE(*got && **got);
  EXPECT_EQ((**got)->channels(0).members_size(), 1);
}

TEST_F(Recovery, ANodeThatDiesMeanwhileIsLeftOut) {
  start(3);
  come(1, "bob");
  at(0).out.swallows.insert(at(2).me);
  auto got = begin(0, cluster::shard_kind::nick, irc::confusable_key("bob"));
  pass(1s);
  EXPECT_FALSE(*got);
  kill(2);
  pass(1s);
  ASSERT_TRUE(*got && **got);
  EXPECT_EQ((**got)->nicks_size(), 1);
}

TEST_F(Recovery, ALivingNodeThatNeverAnswersEndsIt) {
  start(2);
  at(0).out.cut.insert(at(1).me);
  auto got = begin(0, cluster::shard_kind::nick, "x");
  pass(14s);
  EXPECT_FALSE(*got);
  pass(2s);
  ASSERT_TRUE(*got);
  EXPECT_EQ((*got)->error().code, errc::timed_out);
}

TEST(RecoveryMerge, TheLatestStateCountsAndMembersAddUp) {
  presence people;
  for (auto id : {1, 2, 3}) {
    user_card card;
    card.who.set_session_id(id);
    card.who.set_nick("u" + std::to_string(id));
    people.put(std::make_shared<const user_card>(card));
  }
  std::vector<Reported> all(3);
  auto add = [&](std::size_t i, std::int64_t epoch, std::uint64_t seq,
                 std::vector<std::pair<std::int64_t, std::uint32_t>> members) {
    auto* c = all[i].add_channels();
    c->set_name(i == 0 ? "#C" : "#c");
    c->set_epoch(epoch);
    c->set_seq(seq);
    for (auto [id, rights] : members) {
      auto* m = c->add_members();
      m->mutable_who()->set_session_id(id);
      m->set_rights(rights);
    }
  };
  add(0, 5, 90, {{1, 1}, {2, 1}});
  add(1, 6, 1, {{3, 4}, {1, 2}});
  add(2, 6, 0, {{9, 0}});
  auto found = merged(std::move(all), people);
  ASSERT_EQ(found.channels_size(), 1);
  auto& c = found.channels(0);
  EXPECT_EQ(c.epoch(), 6);
  EXPECT_EQ(c.seq(), 1u);
  std::map<std::string, std::uint32_t> members;
  for (auto& m : c.members())
    members[m.who().nick()] = m.rights();
  EXPECT_EQ(members, (std::map<std::string, std::uint32_t>{{"u1", 2}, {"u2", 1}, {"u3", 4}}))
    << "9 is known to nobody";
}

TEST(RecoveryMerge, OfANickThatTwoHoldTheOlderSessionKeepsIt) {
  std::vector<Reported> all(2);
  auto add = [&](std::size_t i, const std::string& nick, std::int64_t id) {
    auto* x = all[i].add_nicks();
    x->set_nick(nick);
    x->set_session_id(id);
  };
  add(0, "Bob", 9);
  add(0, "alice", 1);
  add(1, "bob", 5);
  add(1, "alice", 1);
  auto found = merged(std::move(all), presence{});
  ASSERT_EQ(found.nicks_size(), 2);
  EXPECT_EQ(found.nicks(1).session_id(), 5);
}

} // namespace

} // namespace hamlet
