// SPDX-License-Identifier: Apache-2.0
#include "actors/session/user_modes.hpp"
#include "tests/actors/session/session_fixture.hpp"

namespace hamlet {

class IdentityTest : public SessionTest {
protected:
  Reply away(std::int64_t session, const std::string& text, std::int64_t connection,
             bool pre_away = false) {
    auto x = request(session);
    x.mutable_origin()->set_connection_id(connection);
    x.mutable_set_away()->set_text(text);
    x.mutable_set_away()->set_is_pre_away(pre_away);
    return ask(x);
  }
  Reply log_in(std::int64_t session, std::int64_t account) {
    auto x = request(session);
    x.mutable_set_identity()->set_change_account(true);
    x.mutable_set_identity()->set_account_id(account);
    x.mutable_set_identity()->set_account(account != 0 ? "acc" : "");
    return ask(x);
  }
  Reply make_operator(std::int64_t session, bool on = true) {
    auto x = request(session);
    x.mutable_set_identity()->set_change_operator(true);
    x.mutable_set_identity()->set_is_operator(on);
    x.mutable_set_identity()->set_operator_class("admin");
    return ask(x);
  }
};

// -- modes ----------------------------------------------------------------------------------------

TEST_F(IdentityTest, ChangesModes) {
  auto id = come("ann");
  log.clear();
  auto reply = set_modes(id, "+iw-w+R");
  EXPECT_EQ(reply.user_modes(), "+Ri");
  EXPECT_EQ(reply.refused_modes_size(), 0);
  auto changed = events(Event::kUserModes);
  ASSERT_EQ(changed.size(), 1u);
  EXPECT_EQ(changed[0].user_modes().changes_size(), 4);
  EXPECT_EQ(changed[0].sessions(0), id);
  EXPECT_EQ(events(Event::kWhoChanged).size(), 1u);
  log.clear();
  EXPECT_EQ(set_modes(id, "+iR").user_modes(), "+Ri"); // no change, no event
  EXPECT_TRUE(log.empty());
  EXPECT_EQ(people->count().invisible, 1u);
}

// RFC 2812 §3.1.5: +o is ignored, -o is not.
TEST_F(IdentityTest, MakesNobodyAnOperatorByMode) {
  auto id = come("ann");
  auto reply = set_modes(id, "+oraZ");
  EXPECT_EQ(reply.user_modes(), "+");
  EXPECT_EQ(reply.refused_modes_size(), 0);
  EXPECT_FALSE(people->find("ann")->who.is_operator());
  make_operator(id);
  EXPECT_TRUE(people->find("ann")->who.is_operator());
  log.clear();
  EXPECT_EQ(set_modes(id, "-o").user_modes(), "+");
  EXPECT_FALSE(people->find("ann")->who.is_operator());
  EXPECT_EQ(people->find("ann")->who.operator_class(), "");
  EXPECT_EQ(set_modes(id, "+o", true).user_modes(), "+o"); // the server may
  EXPECT_TRUE(people->find("ann")->who.is_operator());
}

TEST_F(IdentityTest, SaysWhichModesItRefused) {
  auto id = come("ann");
  auto reply = set_modes(id, "+Qs");
  ASSERT_EQ(reply.refused_modes_size(), 2);
  EXPECT_EQ(reply.refused_modes(0).refusal(), chat::v1::UNKNOWN_USER_MODE);
  EXPECT_EQ(reply.refused_modes(0).letter(), "Q");
  EXPECT_EQ(reply.refused_modes(1).refusal(), chat::v1::NOT_OPERATOR);
}

TEST_F(IdentityTest, TakesNoticesFromWhoIsNoOperatorAnyMore) {
  auto id = come("ann");
  make_operator(id);
  auto x = request(id);
  auto& change = *x.mutable_set_user_modes()->add_changes();
  change.set_letter("s");
  change.set_add(true);
  change.set_param("+ck");
  EXPECT_EQ(ask(x).user_modes(), "+os");
  EXPECT_EQ(events(Event::kUserModes).back().user_modes().changes(0).param(), "+ck");
  EXPECT_EQ(set_modes(id, "-o").user_modes(), "+");
}

TEST_F(IdentityTest, TakesOffTheCloakAndPutsItOnAgain) {
  auto id = come("ann", 0, 0, "x");
  join(id, "#a");
  log.clear();
  set_modes(id, "-x");
  EXPECT_EQ(people->find("ann")->who.host(), "10.0.0.1");
  ASSERT_EQ(events(Event::kHost).size(), 1u);
  EXPECT_EQ(events(Event::kHost)[0].source().host(), "cloak.ann");
  EXPECT_EQ(events(Event::kHost)[0].host().host(), "10.0.0.1");
  EXPECT_EQ(asked(Request::kMemberChanged).size(), 1u);
  EXPECT_EQ(set_modes(id, "+x").user_modes(), "+x");
  EXPECT_EQ(people->find("ann")->who.host(), "cloak.ann");
}

TEST_F(IdentityTest, MarksBots) {
  auto id = come("ann");
  auto x = request(id);
  x.mutable_set_bot_mark()->set_on(true);
  EXPECT_EQ(ask(x).user_modes(), "+B");
  EXPECT_TRUE(people->find("ann")->who.is_bot());
  set_modes(id, "-B");
  EXPECT_FALSE(people->find("ann")->who.is_bot());
}

TEST_F(IdentityTest, IsSecureWhenAllOfItsClientsAre) {
  auto x = start("ann", 7, 11);
  x.mutable_who()->set_is_secure(true);
  auto reply = ask(x);
  auto id = reply.session_id();
  EXPECT_EQ(reply.user_modes(), "+Zr");
  EXPECT_EQ(come("ann", 7, 12), id);
  EXPECT_EQ(last.user_modes(), "+r");
  EXPECT_FALSE(people->find("ann")->who.is_secure());
  leave(id, false, 12);
  EXPECT_TRUE(people->find("ann")->who.is_secure());
}

// -- away -----------------------------------------------------------------------------------------

TEST_F(IdentityTest, IsAwayAndHereAgain) {
  auto id = come("ann", 0, 11);
  join(id, "#a");
  log.clear();
  EXPECT_EQ(away(id, "lunch", 11).user_modes(), "+a");
  ASSERT_EQ(events(Event::kAway).size(), 1u);
  EXPECT_EQ(events(Event::kAway)[0].away().text(), "lunch");
  EXPECT_TRUE(asked(Request::kMemberChanged)[0].who().is_away());
  EXPECT_EQ(people->find("ann")->away, "lunch");
  log.clear();
  away(id, "lunch", 11); // says nothing new
  EXPECT_TRUE(log.empty());
  away(id, "", 11);
  EXPECT_EQ(events(Event::kAway)[0].away().text(), "");
  EXPECT_FALSE(people->find("ann")->who.is_away());
}

TEST_F(IdentityTest, IsAwayWhenAllOfItsClientsAre) {
  auto id = come("ann", 7, 11);
  come("ann", 7, 12);
  log.clear();
  away(id, "lunch", 11);
  EXPECT_TRUE(events(Event::kAway).empty());
  away(id, "*", 12, true); // draft/pre-away: says nothing of why
  ASSERT_EQ(events(Event::kAway).size(), 1u);
  EXPECT_EQ(events(Event::kAway)[0].away().text(), "lunch");
  away(id, "", 12);
  EXPECT_EQ(events(Event::kAway).size(), 2u);
  leave(id, false, 12); // the other one is still away
  EXPECT_TRUE(people->find("ann")->who.is_away());
}

TEST_F(IdentityTest, CutsALongAwayTextBetweenCharacters) {
  auto bounds = session_rules{};
  bounds.away_length = 4;
  rules.set(bounds);
  auto id = come("ann", 0, 11);
  away(id, "abc\xc3\xa4", 11);
  EXPECT_EQ(people->find("ann")->away, "abc");
}

// -- who it is ------------------------------------------------------------------------------------

TEST_F(IdentityTest, LogsInAndOut) {
  auto id = come("ann");
  join(id, "#a");
  log.clear();
  auto reply = log_in(id, 7);
  EXPECT_EQ(reply.user_modes(), "+r");
  EXPECT_EQ(reply.who().account(), "acc");
  ASSERT_EQ(events(Event::kAccount).size(), 1u);
  EXPECT_EQ(events(Event::kAccount)[0].source().account(), "acc");
  EXPECT_EQ(people->of_account(7).size(), 1u);
  EXPECT_EQ(asked(Request::kMemberChanged)[0].who().account_id(), 7);
  log.clear();
  EXPECT_EQ(log_in(id, 0).user_modes(), "+");
  EXPECT_EQ(events(Event::kAccount).size(), 1u);
  EXPECT_TRUE(people->of_account(7).empty());
}

TEST_F(IdentityTest, KnowsTheChoicesOfWhoLogsInLater) {
  auto account = create("ann").value();
  auto id = come("ann", account, 11);
  choose(id, "persistence", "on");
  auto kill = request(id);
  kill.mutable_kill();
  ask(kill);
  id = come("ann", 0, 12);
  log_in(id, account);
  leave(id, false, 12);
  EXPECT_TRUE(is_here("ann"));
}

TEST_F(IdentityTest, ForgetsTheSavedSessionOfTheFormerAccount) {
  auto account = create("ann").value();
  auto id = come("ann", account, 11);
  choose(id, "persistence", "on");
  pass(std::chrono::seconds{10});
  log_in(id, 0);
  restart_all();
  EXPECT_FALSE(is_here("ann"));
}

TEST_F(IdentityTest, ChangesHostAndRealName) {
  auto id = come("ann");
  join(id, "#a");
  log.clear();
  auto x = request(id);
  x.mutable_set_host()->set_host("staff.example.org");
  EXPECT_EQ(ask(x).who().host(), "staff.example.org");
  ASSERT_EQ(events(Event::kHost).size(), 1u);
  EXPECT_EQ(events(Event::kHost)[0].host().user(), "~ann");
  x = request(id);
  x.mutable_set_real_name()->set_text("New");
  EXPECT_EQ(ask(x).who().real_name(), "New");
  EXPECT_EQ(events(Event::kRealName)[0].real_name().text(), "New");
  EXPECT_EQ(asked(Request::kMemberChanged).size(), 2u);
  EXPECT_EQ(people->find("ann")->who.real_name(), "New");
}

} // namespace hamlet
