// SPDX-License-Identifier: Apache-2.0
#include "lib/base/ids.hpp"
#include "tests/actors/channel/shard_fixture.hpp"

namespace hamlet {

using namespace chat::v1;
using strings = std::vector<std::string>;

/// CHANNELS of a node in a cluster, and what the other nodes know of them.
class RecoveringTest : public ChannelShardTest {
protected:
  RecoveringTest() {
    copy.people = &people;
    mirror = &copy;
    where = std::make_shared<homes>(std::uint16_t{0});
    begin_again();
  }

  /// Their node dies: another one goes on with what all others know.
  void lose_owner() {
    known.clear();
    for (auto& [name, state] : copy.states) {
      auto& x = known.emplace_back(state);
      for (auto& [where_it_is, place] : copy.places)
        if (where_it_is.first == name) {
          auto& m = *x.add_members();
          *m.mutable_who() = request_of(place.session_id(), name).who();
          m.set_rights(place.rights());
          m.set_joined_ms(place.joined_ms());
          m.set_reads_from_ms(place.reads_from_ms());
        }
    }
    end_shards();
    people.remove_channel("#room"); // it is another node's presence
    log = {};
    copy.told.clear();
    make_one_shard();
    known.clear();
  }

  /// All that is known goes to one of them.
  void make_one_shard() {
    auto all = std::exchange(known, {});
    make_shards();
    for (auto& x : shards)
      end(x);
    known = std::move(all);
    shards[0] = shards[1] = sys.spawn(channel_shard, parts());
    auto tables = std::make_shared<router::tables>();
    tables->channels.fill(shards[0]);
    tables->sessions.fill(sessions);
    tables->local_channels.fill(shards[0]);
    tables->fanout = fanout;
    tables->homes = where;
    tables->node_sessions = [this](std::uint16_t) { return sessions; };
    owners = router{std::move(tables)};
    run();
  }

  Reply modes() {
    return ask_channel(1, "#Room", [](Request& r) { r.mutable_get_modes(); });
  }
  std::string list(const std::string& letter) {
    auto r = ask_channel(1, "#Room", [&](Request& x) { x.mutable_get_list()->set_letter(letter); });
    std::string out;
    for (auto& x : r.list())
      out += x.mask() + " by " + x.setter() + ";";
    return out;
  }
  std::string members() {
    auto r = ask_channel(1, "#Room", [](Request& x) { x.mutable_get_members(); });
    std::set<std::string> all;
    for (auto& m : r.members())
      all.insert(m.prefixes() + m.who().nick() + " " + std::to_string(m.joined_ms()));
    std::string out;
    for (auto& x : all)
      out += x + ";";
    return out;
  }

  fake_mirror copy;
};

TEST_F(RecoveringTest, TellsOthersOfMembersInThePlaceOfPresence) {
  join(1), join(2);
  mode(1, true, "v", "user2");
  part(2);
  part(1);
  EXPECT_EQ(copy.told,
            (strings{"state #Room", "member 1 #Room @", "member 2 #Room ", "member 2 #Room +",
                     "gone 2 #Room", "gone 1 #Room", "ended #Room"}));
  EXPECT_FALSE(people.find_channel("#room"));
}

TEST_F(RecoveringTest, TellsItsStateWhenThatIsAnotherAndNoOftener) {
  join(1), join(2);
  copy.told.clear();
  say(1, "hello");
  mode(2, true, "m"); // refused
  EXPECT_EQ(copy.told, strings{});
  mode(1, true, "m");
  EXPECT_EQ(copy.told, strings{"state #Room"});
  mode(1, true, "m"); // it is so already
  EXPECT_EQ(copy.told, strings{"state #Room"});
  mode(1, true, "b", "*!*@bad");
  EXPECT_EQ(copy.told.size(), 2u);
  EXPECT_EQ(copy.states["#Room"].lists_size(), 1);
}

TEST_F(RecoveringTest, TellsAllMembersAtOnceWhenTheChannelHides) {
  join(1), join(2);
  copy.told.clear();
  mode(1, true, "s");
  EXPECT_EQ(copy.told, (strings{"state #Room", "members #Room 2"}));
  auto place = copy.places[{"#Room", 2}];
  EXPECT_TRUE(place.is_hidden());
}

// Nothing of what members see is another thing afterwards.
TEST_F(RecoveringTest, GoesOnWithAChannelWhoseOwnerHasDied) {
  join(1), join(2), join(3);
  mode(1, true, "v", "user2");
  mode(1, true, "k", "secret");
  mode(1, true, "m");
  mode(1, true, "b", "*!*@bad");
  mode(1, true, "e", "*!*@good");
  mode(1, true, "I", "*!*@friend");
  ask_channel(1, "#Room", [](Request& r) { r.mutable_set_topic()->set_text("Tea"); });
  ask_channel(1, "#Room", [](Request& r) {
    r.mutable_set_metadata()->set_key("url");
    r.mutable_set_metadata()->set_value("x");
  });
  auto before = modes();
  auto who = members(), bans = list("b"), exempt = list("e"), welcome = list("I");
  ASSERT_NE(bans, "");
  lose_owner();
  auto after = modes();
  EXPECT_EQ(after.modes(), before.modes());
  EXPECT_EQ(after.mode_params(0), before.mode_params(0));
  EXPECT_EQ(after.topic().text(), "Tea");
  EXPECT_EQ(after.topic().setter(), before.topic().setter());
  EXPECT_EQ(after.created_ms(), before.created_ms());
  EXPECT_GT(after.epoch(), before.epoch());
  EXPECT_EQ(members(), who);
  EXPECT_EQ(list("b"), bans);
  EXPECT_EQ(list("e"), exempt);
  EXPECT_EQ(list("I"), welcome);
  EXPECT_EQ(copy.states["#Room"].metadata().at("url"), "x");
  EXPECT_EQ(say(2, "I have a voice").refusal(), NONE);
  EXPECT_EQ(say(3, "I have none").refusal(), CANNOT_SEND);
  EXPECT_EQ(people.find_channel("#room")->members, 3u);
}

TEST_F(RecoveringTest, NumbersGoOnInAHigherEpoch) {
  join(1);
  mode(1, true, "m");
  auto last = log.events.back();
  last_id = 0; // the clock of the other node is behind
  lose_owner();
  say(1, "again");
  EXPECT_GT(log.events.back().epoch(), last.epoch());
  EXPECT_GT(log.events.back().seq(), 1u);
}

TEST_F(RecoveringTest, TellsAllNodesAndSessionsWhatIsSoNow) {
  join(1), join(2);
  lose_owner();
  EXPECT_EQ(copy.told, (strings{"state #Room", "members #Room 2"}));
  ASSERT_EQ(log.notes.size(), 2u);
  EXPECT_EQ(log.notes[0].joined().channel(), "#Room");
  EXPECT_TRUE(log.events.empty()); // nobody sees it
  auto& gone = log.notes[0];
  Request leave = request_of(gone.session_id(), "#Room");
  *leave.mutable_who() = gone.who();
  leave.mutable_leave();
  caf::anon_send(owners.channel_of("#room"), leave);
  run();
  EXPECT_TRUE(log.events.empty()); // its QUIT is its home's
  EXPECT_FALSE(copy.places.contains({"#Room", gone.session_id()}));
}

TEST_F(RecoveringTest, DoesNotAskForSessionsThatWaitForTheirMember) {
  join(1), join(2);
  where->lose(2);
  lose_owner();
  ASSERT_EQ(log.notes.size(), 1u);
  EXPECT_EQ(log.notes[0].session_id(), 1);
}

TEST_F(RecoveringTest, KeepsInvitationsAndWhoWasKeptOut) {
  join(1), join(2);
  mode(1, true, "i");
  ask_channel(1, "#Room", [&](Request& r) {
    *r.mutable_invite()->mutable_target() = request_of(4, "#Room").who();
  });
  EXPECT_EQ(join(3).refusal(), INVITE_ONLY);
  ask_channel(1, "#Room", [](Request& r) { r.mutable_kick()->set_nick("user2"); });
  now += 1000;
  say(1, "not for the one who was kicked");
  lose_owner();
  EXPECT_EQ(join(3).refusal(), INVITE_ONLY);
  EXPECT_EQ(join(4).refusal(), NONE);
  now += 1000;
  mode(1, false, "i");
  mode(1, true, "H", "10:3600");
  EXPECT_EQ(join(2).refusal(), NONE);
  EXPECT_EQ(texts(history(2)), "");
  EXPECT_EQ(join(5).refusal(), NONE);
  EXPECT_EQ(texts(history(5)), "not for the one who was kicked");
}

TEST_F(RecoveringTest, AChannelWithoutMembersEndsAtOnce) {
  join(1);
  copy.places.clear();
  lose_owner();
  EXPECT_EQ(copy.told.back(), "ended #Room");
  EXPECT_EQ(say(1, "hello").refusal(), NO_SUCH_CHANNEL);
}

TEST_F(RecoveringTest, TakesPresenceAtItsWordWhoAMemberIs) {
  join(1), join(2);
  user_card card;
  card.who = request_of(2, "#Room").who();
  card.who.set_nick("newer");
  people.put(std::make_shared<const user_card>(card));
  lose_owner();
  EXPECT_EQ(mode(1, true, "v", "newer").refused_modes_size(), 0);
  EXPECT_EQ(mode(1, true, "v", "user2").refused_modes_size(), 1);
}

TEST_F(RecoveringTest, KeepsWhatARegisteredChannelIs) {
  accounts[1] = create("ann").value();
  join(1);
  ASSERT_EQ(register_channel(1).refusal(), NONE);
  mode(1, true, "m");
  lose_owner();
  EXPECT_NE(modes().modes().find('r'), std::string::npos);
  EXPECT_EQ(register_channel(1).refusal(), IS_REGISTERED);
  part(1);
  EXPECT_EQ(copy.told.back(), "ended #Room");
  now += 1000;
  EXPECT_EQ(join(1).refusal(), NONE); // from the store
  EXPECT_NE(modes().modes().find('m'), std::string::npos);
}

TEST_F(RecoveringTest, HearsOfARenameAsTheEndOfTheOldName) {
  join(1), join(2);
  copy.told.clear();
  ask_channel(1, "#Room", [](Request& r) { r.mutable_rename()->set_new_name("#Hall"); });
  EXPECT_EQ(copy.states.count("#Room"), 0u);
  EXPECT_EQ(copy.states.count("#Hall"), 1u);
  EXPECT_EQ(copy.places.count({"#Hall", 2}), 1u);
  EXPECT_EQ(copy.places.count({"#Room", 2}), 0u);
}

// What it had asked for before it died is nobody's wish.
TEST_F(RecoveringTest, LetsNobodyInFromADeadNode) {
  auto far = id_source{7}.next();
  where->set_dead(7, true);
  EXPECT_EQ(join(far).refusal(), FAILED);
  where->set_dead(7, false);
  EXPECT_EQ(join(far).refusal(), NONE);
}

/// Its shard goes to another node.
class LeavingTest : public RecoveringTest {
protected:
  LeavingTest() {
    accounts[1] = create("ann").value();
    join(1), join(2);
    EXPECT_EQ(register_channel(1).refusal(), NONE);
  }
  template <class F>
  auto begin(F fill) {
    auto wish = request_of(1, "#Room");
    fill(wish);
    return client->request(owners.channel_of("#room"), patience, std::move(wish));
  }
  /// While the store has yet to answer.
  void seal() {
    turn();
    caf::anon_send(caf::actor_cast<caf::actor>(owners.channel_of("#room")),
                   caf::exit_msg{nullptr, caf::exit_reason::user_shutdown});
    turn();
  }

  caf::scoped_actor client{sys};
};

TEST_F(LeavingTest, BringsToAnEndWhatItHasBegun) {
  auto dropped = begin([](Request& r) { r.mutable_drop_channel(); });
  auto waits = begin([](Request& r) { r.mutable_get_modes(); });
  seal();
  auto comes = begin([](Request& r) { r.mutable_get_modes(); });
  turn();
  EXPECT_EQ(answer_to<Reply>(std::move(waits)).error().code, errc::wrong_owner);
  EXPECT_EQ(answer_to<Reply>(std::move(comes)).error().code, errc::wrong_owner);
  run();
  pass(std::chrono::milliseconds{5});
  auto done = answer_to<Reply>(std::move(dropped));
  ASSERT_TRUE(done.has_value());
  EXPECT_EQ(done->refusal(), NONE);
  EXPECT_EQ(copy.states["#Room"].channel_id(), 0); // nor will the next say so
  auto late = begin([](Request& r) { r.mutable_get_modes(); });
  run();
  EXPECT_EQ(answer_to<Reply>(std::move(late)).error().code, errc::shutting_down); // it has ended
}

// Who has asked hears that at once, and asks the next one.
TEST_F(LeavingTest, EndsBeforeLongWhateverItWaitsFor) {
  auto dropped = begin([](Request& r) { r.mutable_drop_channel(); });
  seal();
  sched.clock().advance_time(std::chrono::seconds{5});
  run();
  EXPECT_FALSE(answer_to<Reply>(std::move(dropped)).has_value());
}

TEST_F(LeavingTest, WhoWasOnlyReadingAsksTheNextOwner) {
  auto read = begin([](Request& r) { r.mutable_get_history()->set_limit(5); });
  seal();
  run();
  EXPECT_EQ(answer_to<Reply>(std::move(read)).error().code, errc::shutting_down);
}

} // namespace hamlet
