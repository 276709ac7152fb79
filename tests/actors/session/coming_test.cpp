// SPDX-License-Identifier: Apache-2.0
#include "tests/actors/session/session_fixture.hpp"

#include <iostream>
#include <malloc.h>

namespace hamlet {

class ComingTest : public SessionTest {};

TEST_F(ComingTest, LetsAClientIn) {
  auto id = come("Ann", 0, 0, "ix");
  ASSERT_NE(id, 0);
  EXPECT_EQ(last.who().nick(), "Ann");
  EXPECT_EQ(last.who().session_id(), id);
  EXPECT_EQ(last.user_modes(), "+ix");
  EXPECT_FALSE(last.is_resumed());
  auto card = people->find("ann");
  ASSERT_TRUE(card);
  EXPECT_EQ(card->who.host(), "cloak.Ann");
  EXPECT_EQ(card->clients, 1u);
  EXPECT_EQ(events(Event::kOnline).size(), 1u);
}

TEST_F(ComingTest, FindsANumberForWhoHasNone) {
  auto x = start("ann");
  x.clear_session_id();
  auto got = ask(x);
  EXPECT_EQ(got.refusal(), chat::v1::NONE);
  ASSERT_NE(got.session_id(), 0);
  EXPECT_EQ(got.session_id(), got.who().session_id());
  EXPECT_EQ(say_to(got.session_id(), "ann").refusal(), chat::v1::NONE);
}

TEST_F(ComingTest, RefusesANickThatIsInUseOrHeld) {
  ASSERT_NE(come("ann"), 0);
  EXPECT_EQ(come("ANN"), 0);
  EXPECT_EQ(last.refusal(), chat::v1::NICK_IN_USE);
  owned_nick = "bob";
  owned_by = 7;
  EXPECT_EQ(come("Bob"), 0);
  EXPECT_EQ(last.refusal(), chat::v1::NICK_HELD);
}

TEST_F(ComingTest, GivesNobodyModesOfTheServer) {
  ASSERT_NE(come("ann", 0, 0, "iorZs"), 0);
  EXPECT_EQ(last.user_modes(), "+i");
  EXPECT_FALSE(last.who().is_operator());
}

TEST_F(ComingTest, EndsWithTheLastClient) {
  auto id = come("ann");
  join(id, "#a");
  log.clear();
  leave(id, true); // not logged in: no grace
  auto gone = events(Event::kQuit);
  ASSERT_EQ(gone.size(), 1u);
  EXPECT_EQ(gone[0].quit().reason(), "gone");
  EXPECT_EQ(gone[0].source().nick(), "ann");
  EXPECT_EQ(gone[0].sessions_size(), 0);
  ASSERT_EQ(asked(Request::kLeave).size(), 1u);
  EXPECT_EQ(asked(Request::kLeave)[0].channel(), "#a");
  EXPECT_FALSE(is_here("ann"));
  EXPECT_EQ(people->former("ann", 1).size(), 1u);
  EXPECT_EQ(ask(request(id)).refusal(), chat::v1::NO_SUCH_SESSION);
  EXPECT_NE(come("ann"), 0);
}

// Whoever claims the nick as soon as it is free: its events come behind the QUIT.
TEST_F(ComingTest, SaysQuitBeforeTheNickIsFree) {
  auto id = come("ann");
  log.clear();
  auto quit = request(id);
  quit.mutable_origin()->set_connection_id(id);
  quit.mutable_quit()->set_reason("bye");
  EXPECT_EQ(ask(quit).refusal(), chat::v1::NONE);
  EXPECT_TRUE(precedes(Event::kQuit, Request::kReleaseNick));
  EXPECT_EQ(events(Event::kQuit)[0].quit().reason(), "bye");
}

TEST_F(ComingTest, ForgetsAClientThatIsGoneBeforeItIsIn) {
  auto x = start("ann", 7);
  caf::anon_send(owners.session_of(x.session_id()), x);
  turn(); // the store has not said yet what the member has chosen
  leave(x.session_id(), true);
  run();
  EXPECT_FALSE(is_here("ann"));
  EXPECT_TRUE(events(Event::kOnline).empty());
  EXPECT_NE(come("ann"), 0);
}

// An idle client has 6 KiB for all of the program, and its connection takes most of it.
TEST_F(ComingTest, CostsLessThan700Octets) {
  constexpr std::size_t count = 4000;
  if (::mallinfo2().uordblks == 0)
    GTEST_SKIP() << "a sanitizer allocates";
  auto add = [&](const std::string& prefix) {
    auto before = ::mallinfo2().uordblks;
    for (std::size_t i = 0; i < count; ++i) {
      auto x = start(prefix + std::to_string(i), 0, 0, "ix");
      x.mutable_who()->set_host("ab12cd34.ef56ab78.example.org");
      x.mutable_who()->set_real_name("A name as people have it");
      caf::anon_send(owners.session_of(x.session_id()), std::move(x));
    }
    run();
    log.clear();
    log.shrink_to_fit();
    return (::mallinfo2().uordblks - before) / count;
  };
  add("warm"); // what is made once
  auto each = add("user");
  RecordProperty("octets", static_cast<int>(each));
  std::cout << each << " octets of a user, with its place in the NICK directory\n";
  EXPECT_LT(each, 700u);
}

// -- several clients, and those that come back ----------------------------------------------------

TEST_F(ComingTest, LetsAMemberHaveSeveralClients) {
  auto id = come("ann", 7, 11);
  join(id, "#a");
  EXPECT_EQ(come("ann", 7, 12), id);
  EXPECT_TRUE(last.is_resumed());
  ASSERT_EQ(last.channels_size(), 1);
  EXPECT_EQ(last.channels(0), "#a");
  EXPECT_EQ(people->find("ann")->clients, 2u);
  EXPECT_EQ(come("other", 7, 13), id); // whatever nick it would like
  log.clear();
  leave(id, false, 11);
  leave(id, false, 13);
  EXPECT_TRUE(events(Event::kQuit).empty());
  leave(id, false, 12);
  EXPECT_EQ(events(Event::kQuit).size(), 1u);
}

TEST_F(ComingTest, KeepsMembersApart) {
  auto id = come("ann", 7);
  EXPECT_EQ(come("ann", 8), 0);
  EXPECT_EQ(last.refusal(), chat::v1::NICK_IN_USE);
  auto attach = request(id);
  attach.mutable_who()->set_account_id(8);
  attach.mutable_attach()->set_connection_id(99);
  EXPECT_EQ(ask(attach).refusal(), chat::v1::NO_SUCH_SESSION);
  attach.mutable_who()->set_account_id(0);
  EXPECT_EQ(ask(attach).refusal(), chat::v1::NO_SUCH_SESSION);
}

TEST_F(ComingTest, BoundsTheClientsOfASession) {
  auto bounds = session_rules{};
  bounds.clients = 1;
  rules.set(bounds);
  ASSERT_NE(come("ann", 7, 11), 0);
  EXPECT_EQ(come("ann", 7, 12), 0);
  EXPECT_EQ(people->find("ann")->clients, 1u);
}

TEST_F(ComingTest, TakesTwoClientsOfOneMemberThatComeAtOnce) {
  auto one = start("ann", 7, 11);
  auto two = start("ann", 7, 12);
  caf::anon_send(owners.session_of(one.session_id()), one);
  caf::anon_send(owners.session_of(two.session_id()), two);
  run();
  ASSERT_TRUE(is_here("ann"));
  EXPECT_EQ(people->find("ann")->clients, 2u);
}

TEST_F(ComingTest, WaitsForAMemberWhoseConnectionBroke) {
  auto id = come("ann", 7, 11);
  join(id, "#a");
  log.clear();
  leave(id, true, 11);
  EXPECT_TRUE(log.empty()); // others see nothing
  ASSERT_TRUE(is_here("ann"));
  EXPECT_EQ(people->find("ann")->clients, 0u);
  pass(std::chrono::seconds{80});
  auto back = start("ann", 7, 12);
  back.mutable_start_session()->set_may_resume(false); // it waits for it
  last = ask(back);
  EXPECT_EQ(last.session_id(), id);
  EXPECT_TRUE(last.is_resumed());
  pass(std::chrono::seconds{200});
  EXPECT_TRUE(events(Event::kQuit).empty());
  EXPECT_TRUE(is_here("ann"));
}

TEST_F(ComingTest, WaitsForTheGraceAndNoLonger) {
  auto id = come("ann", 7, 11);
  leave(id, true, 11);
  pass(std::chrono::seconds{80});
  EXPECT_TRUE(is_here("ann"));
  pass(std::chrono::seconds{20});
  EXPECT_FALSE(is_here("ann"));
  ASSERT_EQ(events(Event::kQuit).size(), 1u);
  EXPECT_EQ(events(Event::kQuit)[0].quit().reason(), "gone");
}

TEST_F(ComingTest, DoesNotWaitForWhoHasQuit) {
  auto id = come("ann", 7, 11);
  leave(id, false, 11);
  EXPECT_FALSE(is_here("ann"));
  rules.set([] {
    session_rules x;
    x.grace = std::chrono::seconds{0};
    return x;
  }());
  id = come("ann", 7, 11);
  leave(id, true, 11);
  EXPECT_FALSE(is_here("ann"));
}

TEST_F(ComingTest, FindsTheClientThatLeavesBeforeItKnowsItsSession) {
  auto id = come("ann", 7, 11);
  auto x = start("ann", 7, 12);
  ask(x); // nobody hears the answer
  ASSERT_EQ(people->find("ann")->clients, 2u);
  auto gone = request(x.session_id());
  gone.mutable_who()->set_account_id(7);
  gone.mutable_detach()->set_connection_id(12);
  note(gone);
  EXPECT_EQ(people->find("ann")->clients, 1u);
  gone.mutable_detach()->set_connection_id(11);
  note(gone);
  EXPECT_FALSE(is_here("ann"));
  EXPECT_EQ(ask(request(id)).refusal(), chat::v1::NO_SUCH_SESSION);
}

// -- KILL -----------------------------------------------------------------------------------------

TEST_F(ComingTest, KillsASessionWhateverItWants) {
  auto id = come("ann", 7, 11);
  log.clear();
  auto x = request(id);
  x.mutable_who()->set_nick("oper");
  x.mutable_origin()->set_connection_id(5);
  x.mutable_kill()->set_reason("spam");
  x.mutable_kill()->set_by("oper");
  EXPECT_EQ(ask(x).refusal(), chat::v1::NONE);
  auto ended = events(Event::kEnded);
  auto gone = events(Event::kQuit);
  ASSERT_EQ(ended.size(), 1u);
  ASSERT_EQ(gone.size(), 1u);
  EXPECT_EQ(log[0].event.kind_case(), Event::kEnded);
  EXPECT_EQ(ended[0].sessions(0), id);
  EXPECT_TRUE(ended[0].ended().is_kill());
  EXPECT_EQ(gone[0].quit().reason(), "Killed (oper (spam))");
  EXPECT_EQ(gone[0].source().nick(), "ann");
  EXPECT_FALSE(is_here("ann"));
}

// -- those who stay -------------------------------------------------------------------------------

TEST_F(ComingTest, LetsAMemberStayWithoutAClient) {
  auto account = create("ann").value();
  auto id = come("ann", account, 11);
  auto reply = choose(id, "persistence", "on");
  ASSERT_EQ(reply.options_size(), 2);
  EXPECT_EQ(reply.options(0).value(), "on");
  EXPECT_EQ(reply.options(1).value(), "on");
  log.clear();
  leave(id, false, 11);
  ASSERT_TRUE(is_here("ann"));
  EXPECT_TRUE(events(Event::kQuit).empty());
  ASSERT_EQ(events(Event::kAway).size(), 1u); // nobody is there
  EXPECT_TRUE(people->find("ann")->who.is_away());
  pass(std::chrono::hours{24});
  EXPECT_TRUE(is_here("ann"));
  log.clear();
  EXPECT_EQ(come("ann", account, 12), id);
  ASSERT_EQ(events(Event::kAway).size(), 1u);
  EXPECT_EQ(events(Event::kAway)[0].away().text(), "");
  choose(id, "persistence", "off");
  leave(id, false, 12);
  EXPECT_FALSE(is_here("ann"));
}

TEST_F(ComingTest, FollowsTheRuleAboutWhoStays) {
  auto account = create("ann").value();
  session_rules x;
  x.persistence = hamlet::config::persistence::opt_out;
  x.auto_away = false;
  rules.set(x);
  auto id = come("ann", account, 11);
  log.clear();
  leave(id, false, 11);
  EXPECT_TRUE(is_here("ann"));
  EXPECT_TRUE(events(Event::kAway).empty());
  EXPECT_EQ(come("ann", account, 12), id);
  x.persistence = hamlet::config::persistence::off;
  rules.set(x);
  leave(id, false, 12);
  EXPECT_FALSE(is_here("ann"));
  id = come("bob", 0, 13);
  x.persistence = hamlet::config::persistence::opt_out;
  rules.set(x);
  leave(id, false, 13);
  EXPECT_FALSE(is_here("bob")); // no account
}

TEST_F(ComingTest, IsHereAgainAfterTheProgramHasStopped) {
  auto account = create("ann").value();
  auto id = come("ann", account, 11, "iw");
  choose(id, "persistence", "on");
  join(id, "#a");
  join(id, "#b");
  set_list(id, "silence", "bad!*@*");
  leave(id, false, 11);
  restart_all();
  ASSERT_TRUE(restored.has_value());
  EXPECT_EQ(*restored, 1u);
  auto card = people->find("ann");
  ASSERT_TRUE(card);
  EXPECT_EQ(card->who.account_id(), account);
  EXPECT_EQ(card->who.account(), "acc-ann");
  EXPECT_EQ(card->who.host(), "cloak.ann");
  EXPECT_EQ(card->who.real_name(), "Real ann");
  EXPECT_TRUE(card->who.is_away());
  EXPECT_EQ(card->clients, 0u);
  auto joins = asked(Request::kJoin);
  ASSERT_EQ(joins.size(), 2u);
  EXPECT_TRUE(joins[0].join().forced());
  EXPECT_EQ(joins[0].who().nick(), "ann");
  // Its client finds it, and SILENCE as it was.
  auto again = come("ann", account, 12);
  EXPECT_EQ(again, card->who.session_id());
  EXPECT_TRUE(last.is_resumed());
  EXPECT_EQ(last.user_modes(), "+irw");
  auto bad = come("bad");
  say_to(bad, "ann");
  EXPECT_EQ(events(Event::kMessage).back().sessions_size(), 1);
}

TEST_F(ComingTest, SavesWhatChangesWhileItIsHere) {
  auto account = create("ann").value();
  auto id = come("ann", account, 11);
  choose(id, "persistence", "on");
  join(id, "#a");
  change_nick(id, "anna");
  pass(std::chrono::seconds{5});
  restart_all(); // it had no time to say anything
  EXPECT_TRUE(is_here("anna"));
  EXPECT_EQ(asked(Request::kJoin).size(), 1u);
}

TEST_F(ComingTest, DoesNotComeBackWhenItHasEnded) {
  auto account = create("ann").value();
  auto id = come("ann", account, 11);
  choose(id, "persistence", "on");
  leave(id, false, 11);
  auto x = request(id);
  x.mutable_kill()->set_by("oper");
  ask(x);
  restart_all();
  EXPECT_FALSE(is_here("ann"));
  // Nor does one whose member, or administrator, has decided otherwise.
  id = come("ann", account, 11);
  leave(id, false, 11);
  ASSERT_TRUE(is_here("ann"));
  session_rules off;
  off.persistence = hamlet::config::persistence::off;
  rules.set(off);
  restart_all();
  EXPECT_FALSE(is_here("ann"));
}

TEST_F(ComingTest, TakesAnotherNickWhenItsOwnIsGoneAtTheStart) {
  auto account = create("ann").value();
  auto id = come("ann", account, 11);
  choose(id, "persistence", "on");
  leave(id, false, 11);
  owned_nick = "ann"; // somebody else's by now
  owned_by = account + 1;
  restart_all();
  EXPECT_FALSE(is_here("ann"));
  ASSERT_EQ(people->of_account(account).size(), 1u);
  EXPECT_TRUE(people->of_account(account)[0]->nick().starts_with("Guest"));
}

} // namespace hamlet
