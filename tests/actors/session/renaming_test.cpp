// SPDX-License-Identifier: Apache-2.0
#include "tests/actors/session/session_fixture.hpp"

namespace hamlet {

class RenamingTest : public SessionTest {};

TEST_F(RenamingTest, ChangesTheNick) {
  auto id = come("ann");
  join(id, "#a");
  log.clear();
  auto reply = change_nick(id, "Bob");
  EXPECT_EQ(reply.refusal(), chat::v1::NONE);
  EXPECT_EQ(reply.who().nick(), "Bob");
  EXPECT_TRUE(is_here("bob"));
  EXPECT_FALSE(is_here("ann"));
  EXPECT_EQ(people->former("ann", 5).size(), 1u);
  auto changed = events(Event::kNick);
  ASSERT_EQ(changed.size(), 1u);
  EXPECT_EQ(changed[0].source().nick(), "ann");
  EXPECT_EQ(changed[0].nick().nick(), "Bob");
  auto told = asked(Request::kMemberChanged);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].member_changed().old_nick(), "ann");
  EXPECT_EQ(told[0].who().nick(), "Bob");
  EXPECT_EQ(events(Event::kOffline)[0].offline().nick(), "ann");
  EXPECT_TRUE(precedes(Event::kNick, Request::kReleaseNick));
  EXPECT_NE(come("ann"), 0); // it is free
}

// Another node may be asked for the nick by whoever has heard that it is free.
TEST_F(RenamingTest, IsConfirmedWhenTheFormerNickIsAnybodys) {
  auto wish = [this](std::int64_t id, auto fill) {
    auto x = request(id);
    fill(x);
    return x;
  };
  auto ann = come("ann"), bob = come("bob"), eve = come("eve");
  const Request wishes[] = {
    wish(ann, [](Request& x) { x.mutable_set_nick()->set_nick("ann2"); }),
    wish(bob, [](Request& x) { x.mutable_quit(); }),
    wish(eve, [](Request& x) { x.mutable_kill(); }),
  };
  for (auto& x : wishes) {
    replies = 0;
    loses_releases = true;
    caf::anon_send(owners.session_of(x.session_id()), x);
    run();
    EXPECT_EQ(replies, 0u) << x.ShortDebugString();
    pass(std::chrono::seconds{4}); // its directory may have no owner for a while
    EXPECT_EQ(replies, 1u) << x.ShortDebugString();
  }
  replies = 0;
  loses_releases = false;
  caf::anon_send(owners.session_of(ann),
                 wish(ann, [](Request& x) { x.mutable_set_nick()->set_nick("ann3"); }));
  run();
  EXPECT_EQ(replies, 1u); // and at once
}

TEST_F(RenamingTest, ChangesTheCaseOfItsOwnNick) {
  auto id = come("ann");
  log.clear();
  EXPECT_EQ(change_nick(id, "ANN").who().nick(), "ANN");
  EXPECT_EQ(events(Event::kNick).size(), 1u);
  EXPECT_TRUE(events(Event::kOffline).empty());
  EXPECT_EQ(come("ann"), 0); // still its own
  log.clear();
  EXPECT_EQ(change_nick(id, "ANN").refusal(), chat::v1::NONE); // nothing happens
  EXPECT_TRUE(log.empty());
}

TEST_F(RenamingTest, TakesANickThatLooksLikeItsOwn) {
  auto id = come("paul");
  auto other = come("bob");
  auto cyrillic = "\xd1\x80"
                  "aul";
  EXPECT_EQ(change_nick(other, cyrillic).refusal(), chat::v1::NICK_HELD);
  EXPECT_EQ(change_nick(id, cyrillic).refusal(), chat::v1::NONE);
  EXPECT_EQ(change_nick(other, "paul").refusal(), chat::v1::NICK_HELD);
}

TEST_F(RenamingTest, RefusesWhatIsNotItsOwn) {
  auto id = come("ann");
  come("bob");
  log.clear();
  EXPECT_EQ(change_nick(id, "BOB").refusal(), chat::v1::NICK_IN_USE);
  EXPECT_TRUE(events(Event::kNick).empty());
  EXPECT_TRUE(is_here("ann"));
  EXPECT_EQ(change_nick(id, "ann2").refusal(), chat::v1::NONE); // and is not stuck
}

TEST_F(RenamingTest, AsksEachChannelAndStopsAtTheFirstRefusal) {
  auto id = come("ann");
  for (auto channel : {"#a", "#b", "#c"})
    join(id, channel);
  log.clear();
  channel_answers = [](const Request& x) {
    return x.channel() == "#b" ? refusal(chat::v1::BANNED_NICK_CHANGE) : Reply{};
  };
  auto reply = change_nick(id, "bob");
  EXPECT_EQ(reply.refusal(), chat::v1::BANNED_NICK_CHANGE);
  EXPECT_EQ(reply.channel(), "#b");
  auto asked_for = asked(Request::kGetStatus);
  ASSERT_EQ(asked_for.size(), 2u);
  EXPECT_EQ(asked_for[0].get_status().action(), "nick");
  EXPECT_EQ(asked_for[0].who().nick(), "ann");
  EXPECT_TRUE(events(Event::kNick).empty());
  EXPECT_EQ(change_nick(id, "bob", true).refusal(), chat::v1::NONE); // an operator does it
}

TEST_F(RenamingTest, LetsTheOwnerTakeANickBack) {
  owned_nick = "owned";
  nicks.set({.protects_owners = false});
  auto thief = come("owned");
  join(thief, "#a");
  auto owner = come("ann", 7);
  log.clear();
  EXPECT_EQ(change_nick(owner, "owned", true).refusal(), chat::v1::NONE);
  auto changed = events(Event::kNick);
  ASSERT_EQ(changed.size(), 2u); // the thief first: nobody sees two of them
  EXPECT_EQ(changed[0].source().session_id(), thief);
  EXPECT_TRUE(changed[0].nick().nick().starts_with("Guest"));
  EXPECT_EQ(changed[1].source().session_id(), owner);
  EXPECT_EQ(people->find("owned")->who.session_id(), owner);
  EXPECT_TRUE(asked(Request::kGetStatus).empty()); // no channel has a say
}

TEST_F(RenamingTest, TakesANickAwayAtAnOperatorsWish) {
  auto id = come("ann");
  auto x = request(id);
  x.mutable_force_nick()->set_nick("Better");
  EXPECT_EQ(ask(x).refusal(), chat::v1::NONE);
  EXPECT_TRUE(is_here("better"));
  x.mutable_force_nick()->set_nick("other");
  x.mutable_force_nick()->set_from("ann"); // it is called so no more
  EXPECT_EQ(ask(x).refusal(), chat::v1::NONE);
  EXPECT_TRUE(is_here("better"));
}

TEST_F(RenamingTest, DoesOneChangeAtATime) {
  auto id = come("ann");
  join(id, "#a");
  channel_answers = [](const Request& x) -> std::optional<Reply> {
    if (x.has_get_status())
      return std::nullopt; // it does not answer
    return Reply{};
  };
  auto x = request(id);
  x.mutable_set_nick()->set_nick("bob");
  caf::anon_send(owners.session_of(id), x);
  run();
  EXPECT_EQ(change_nick(id, "eve").refusal(), chat::v1::NICK_TOO_FAST);
  // What an operator wants comes behind it, and is not lost.
  auto force = request(id);
  force.mutable_force_nick()->set_nick("forced");
  caf::anon_send(owners.session_of(id), force);
  run();
  EXPECT_TRUE(is_here("ann"));
  pass(std::chrono::seconds{60});
  EXPECT_TRUE(is_here("forced"));
  auto changed = events(Event::kNick);
  ASSERT_EQ(changed.size(), 2u);
  EXPECT_EQ(changed[0].nick().nick(), "bob");
}

TEST_F(RenamingTest, GivesTheNewNickBackWhenItHasEndedMeanwhile) {
  auto id = come("ann");
  join(id, "#a");
  auto x = request(id);
  x.mutable_set_nick()->set_nick("bob");
  caf::anon_send(owners.session_of(id), x);
  leave(id, false);
  pass(std::chrono::seconds{60});
  EXPECT_NE(come("ann"), 0);
  EXPECT_NE(come("bob"), 0);
}

} // namespace hamlet
