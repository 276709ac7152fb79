// SPDX-License-Identifier: Apache-2.0
#include "tests/actors/network/network_fixture.hpp"

using namespace std::chrono_literals;

namespace hamlet {

using BansTest = NetworkTest;
using strings = std::vector<std::string>;

// KLINE *@bad.example :r
TEST_F(BansTest, KeepsOutAndEndsThoseWhomAKlineFits) {
  auto bad = come("bad", "10.0.0.1");
  come("good", "10.0.0.2");
  auto done = add("kline", "*@Bad.Hidden", 0, "spam");
  EXPECT_EQ(done.refusal(), chat::v1::NONE);
  EXPECT_EQ(done.bans(0).mask(), "*@bad.hidden");
  EXPECT_EQ(done.bans(0).setter(), "root!~root@root.hidden");
  EXPECT_EQ(done.bans(0).expires_ms(), 0);
  EXPECT_EQ(done.detail(), "1");
  EXPECT_EQ(killed(), strings{"bad: K-lined: spam"});
  EXPECT_EQ(rules.ban_for({bad.user(), bad.host(), bad.address(), {}}, wall_ms), "spam");
  EXPECT_EQ(notices(), strings{"root added K-line for *@bad.hidden (1 here): spam"});
}

// DLINE 10.0.0.0/8 60 :r
TEST_F(BansTest, EndsATemporaryBanInTime) {
  come("bad", "10.9.9.9");
  EXPECT_EQ(add("dline", "10.0.0.0/8", 60).refusal(), chat::v1::NONE);
  EXPECT_EQ(killed(), strings{"bad: D-lined: r"});
  pass(59s);
  EXPECT_TRUE(rules.dline_for("10.1.1.1", wall_ms));
  EXPECT_EQ(listed(), strings{"10.0.0.0/8"});
  notices();
  pass(1s);
  EXPECT_FALSE(rules.dline_for("10.1.1.1", wall_ms - 60'000)) << "not there, at any time";
  EXPECT_EQ(listed(), strings{});
  EXPECT_EQ(notices(), strings{"D-line for 10.0.0.0/8 has expired"});
  EXPECT_EQ(number("SELECT count(*) FROM network_ban"), 0);
}

// UNKLINE
TEST_F(BansTest, TakesABanAwayInWhateverFormItIsSaid) {
  add("kline", "*@bad.example");
  EXPECT_EQ(remove("dline", "*@bad.example").refusal(), chat::v1::BAD_REQUEST);
  EXPECT_EQ(remove("kline", "bad.example").bans(0).mask(), "*@bad.example");
  EXPECT_FALSE(rules.ban_for({"u", "bad.example", "192.0.2.1", {}}, wall_ms));
  EXPECT_EQ(listed(), strings{});
  EXPECT_EQ(number("SELECT count(*) FROM network_ban"), 0);
  EXPECT_EQ(remove("kline", "bad.example").refusal(), chat::v1::BAD_REQUEST);
}

TEST_F(BansTest, KnowsItsBansAfterARestart) {
  add("kline", "*@bad.example");
  add("dline", "10.0.0.0/8", 3600);
  add("dline", "192.0.2.0/24", 60);
  add("resv", "NickServ");
  add("resv", "#Secret*");
  wall_ms += 60'000; // while it was down
  restart_network();
  EXPECT_EQ(listed(), (strings{"10.0.0.0/8", "*@bad.example", "#secret*", "nickserv"}));
  EXPECT_EQ(listed("dline"), strings{"10.0.0.0/8"});
  EXPECT_TRUE(rules.ban_for({"u", "bad.example", "192.0.2.1", {}}, wall_ms));
  EXPECT_TRUE(rules.is_reserved_nick("nickserv"));
  EXPECT_TRUE(rules.is_reserved_channel("#secrets"));
}

TEST_F(BansTest, HasItsBansBeforeTheFirstQuestion) {
  add("kline", "*@bad.example");
  network_rules fresh;
  load(fresh);
  EXPECT_TRUE(fresh.ban_for({"u", "bad.example", "192.0.2.1", {}}, wall_ms));
}

// By the account, too: a new nick and a new cloak change nothing.
TEST_F(BansTest, FitsByAddressCloakAndAccount) {
  come("one", "10.0.0.1", "bob");
  come("two", "10.0.0.2");
  for (auto& [mask, who] :
       std::vector<std::pair<std::string, std::string>>{{"*@10.0.0.1", "one"},
                                                        {"*@10.0.0.0/30", "one two"},
                                                        {"*@two.hidden", "two"},
                                                        {"a:Bob", "one"},
                                                        {"~U:*@*.hidden", "two"},
                                                        {"~two@*", "two"},
                                                        {"two@*", ""}}) {
    requests.clear();
    ASSERT_EQ(add("kline", mask).refusal(), chat::v1::NONE) << mask;
    std::string all;
    for (auto& x : killed())
      all += (all.empty() ? "" : " ") + x.substr(0, x.find(':'));
    EXPECT_EQ(all, who) << mask;
  }
}

TEST_F(BansTest, DoesNotHoldOperatorsWhoMayBan) {
  auto now = defaults();
  now.operators = {{.name = "helper",
                    .password = {},
                    .certificate = {},
                    .account = {},
                    .from = {},
                    .privileges = {hamlet::config::privilege::see},
                    .title = {}},
                   {.name = "boss",
                    .password = {},
                    .certificate = {},
                    .account = {},
                    .from = {},
                    .privileges = {hamlet::config::privilege::ban},
                    .title = {}}};
  settings.set(now);
  come("helper", "10.0.0.1", {}, "helper");
  come("boss", "10.0.0.2", {}, "boss");
  add("dline", "10.0.0.0/8");
  EXPECT_EQ(killed(), strings{"helper: D-lined: r"});
}

TEST_F(BansTest, RefusesABanForEverybodyHoweverOftenItIsSaid) {
  for (auto mask : {"*@*", "*", "*!*@*", "*@0.0.0.0/0", "?*@*.*"}) {
    auto is_kline = ban_mask::of("kline", mask).has_value();
    for (int i = 0; i < 2; ++i)
      EXPECT_EQ(add("kline", mask).refusal(),
                is_kline ? chat::v1::LIMIT_REACHED : chat::v1::BAD_REQUEST)
        << mask;
  }
  EXPECT_EQ(add("dline", "::/0").refusal(), chat::v1::LIMIT_REACHED);
  EXPECT_EQ(add("resv", "#*").refusal(), chat::v1::LIMIT_REACHED);
  EXPECT_EQ(number("SELECT count(*) FROM network_ban"), 0);
}

TEST_F(BansTest, AsksOnceMoreBeforeABanThatHitsMany) {
  for (int i = 0; i < 30; ++i)
    come("user" + std::to_string(i), (i < 10 ? "10.0.0." : "192.0.2.") + std::to_string(i));
  auto first = add("dline", "10.0.0.0/8");
  EXPECT_EQ(first.refusal(), chat::v1::LIMIT_REACHED);
  EXPECT_EQ(first.detail(), "That hits 10 of 31 users; say it again if it is meant");
  EXPECT_EQ(killed(), strings{});
  EXPECT_EQ(add("dline", "10.0.0.0/9").refusal(), chat::v1::LIMIT_REACHED) << "another one";
  pass(61s);
  EXPECT_EQ(add("dline", "10.0.0.0/8").refusal(), chat::v1::LIMIT_REACHED) << "too late";
  EXPECT_EQ(add("dline", "10.0.0.0/8").refusal(), chat::v1::NONE);
  EXPECT_EQ(killed().size(), 10u);
}

TEST_F(BansTest, SetsABanThatHitsAFewAtOnceEvenWhereFewAre) {
  come("bad", "10.0.0.1");
  EXPECT_EQ(add("dline", "10.0.0.1").refusal(), chat::v1::NONE); // one of two
}

TEST_F(BansTest, RefusesWhatMakesNoSense) {
  EXPECT_EQ(add("kline", "bob").refusal(), chat::v1::BAD_REQUEST);
  EXPECT_EQ(add("xline", "*@a").refusal(), chat::v1::BAD_REQUEST);
  EXPECT_EQ(add("kline", "*@a.b", -1).refusal(), chat::v1::BAD_REQUEST);
  EXPECT_EQ(add("kline", "*@a.b", std::numeric_limits<std::int64_t>::max()).refusal(),
            chat::v1::BAD_REQUEST);
  EXPECT_EQ(add("kline", "*@a.b", 0, "a\r\nQUIT").refusal(), chat::v1::BAD_REQUEST);
  EXPECT_EQ(add("kline", "*@a.b", 0, std::string(391, 'x')).refusal(), chat::v1::BAD_REQUEST);
}

TEST_F(BansTest, HasRoomForSoManyAndNoMore) {
  auto now = defaults();
  now.max_bans = 2;
  settings.set(now);
  add("kline", "*@a.b"), add("kline", "*@b.c");
  EXPECT_EQ(add("kline", "*@c.d").refusal(), chat::v1::LIST_FULL);
  EXPECT_EQ(add("kline", "*@a.b", 0, "other").refusal(), chat::v1::NONE) << "it is there";
  EXPECT_EQ(rules.ban_for({"u", "a.b", {}, {}}, wall_ms), "other");
}

TEST_F(BansTest, ListensToOperatorsAlone) {
  auto bob = come("bob", "10.0.0.1");
  std::vector<Request> all(7, from(bob));
  all[0].mutable_add_ban()->mutable_ban()->set_kind("kline");
  all[0].mutable_add_ban()->mutable_ban()->set_mask("*@10.0.0.9");
  all[1].mutable_remove_ban();
  all[2].mutable_list_bans();
  all[3].mutable_add_filter();
  all[4].mutable_remove_filter();
  all[5].mutable_list_filters();
  all[6].mutable_list_audit();
  for (auto& x : all)
    EXPECT_EQ(say(x).refusal(), chat::v1::NOT_OPERATOR) << x.verb_case();
  EXPECT_EQ(number("SELECT count(*) FROM network_ban"), 0);
}

TEST_F(BansTest, SetsNothingThatTheStoreDoesNotTake) {
  change("DROP TABLE network_ban");
  come("bad", "10.0.0.1");
  EXPECT_EQ(add("kline", "*@10.0.0.1").refusal(), chat::v1::FAILED);
  EXPECT_EQ(killed(), strings{});
  EXPECT_FALSE(rules.ban_for({"u", "h", "10.0.0.1", {}}, wall_ms));
}

// Of one that timed out nobody knows: what the store has counts.
TEST_F(BansTest, ReadsTheStoreAgainAfterAFailure) {
  change("ALTER TABLE network_ban RENAME TO away");
  EXPECT_EQ(add("kline", "*@10.0.0.1").refusal(), chat::v1::FAILED);
  change("ALTER TABLE away RENAME TO network_ban");
  change("INSERT INTO network_ban VALUES (1, '*@10.0.0.1', 'r', '', 's', 1, NULL)");
  pass(1s);
  EXPECT_TRUE(rules.ban_for({"u", "h", "10.0.0.1", {}}, wall_ms));
  EXPECT_EQ(listed(), strings{"*@10.0.0.1"});
}

TEST_F(BansTest, SurvivesManyExpiriesAndReloadsAtOnce) {
  for (int i = 0; i < 20; ++i)
    add("dline", "192.0.2." + std::to_string(i), 1 + i % 3);
  pass(2s);
  EXPECT_EQ(listed().size(), 6u);
  pass(1s);
  EXPECT_EQ(listed().size(), 0u);
}

// -- in a cluster ---------------------------------------------------------------------------------

struct counted_news : chat_news {
  void adopted(std::int64_t) override {}
  void books_changed() override { ++changes; }
  int changes = 0;
};

Request flooder(const std::string& mask, std::int64_t duration_s = 600) {
  Request x;
  x.mutable_ban_flooder()->set_mask(mask);
  x.mutable_ban_flooder()->set_reason("Too much");
  x.mutable_ban_flooder()->set_duration_s(duration_s);
  return x;
}

TEST_F(BansTest, FitsACloakOfAFormerKey) { // chat.cloak_old_keys
  auto old = come("old", "192.0.2.9");
  old.add_former_hosts("former.cloak");
  user_card card;
  card.who = old;
  people.put(std::make_shared<const user_card>(card));
  EXPECT_EQ(add("kline", "*@former.cloak").detail(), "1");
  EXPECT_EQ(killed(), strings{"old: K-lined: r"});
  Request question;
  question.mutable_check_connection();
  *question.mutable_who() = old;
  EXPECT_EQ(say(question).refusal(), chat::v1::BANNED);
}

// chat_limits.flood_ban
TEST_F(BansTest, KeepsAFlooderOutForAWhileAndEndsNobody) {
  come("here", "192.0.2.7");
  say(flooder("192.0.2.7"));
  EXPECT_EQ(rules.dline_for("192.0.2.7", wall_ms), "Too much");
  EXPECT_FALSE(rules.dline_for("192.0.2.8", wall_ms));
  EXPECT_EQ(killed(), strings{});
  EXPECT_EQ(listed("dline"), strings{"192.0.2.7"});
  EXPECT_EQ(notices(), strings{"irc.example.org added D-line for 192.0.2.7 (0 here): Too much"});
  restart_network();
  EXPECT_TRUE(rules.dline_for("192.0.2.7", wall_ms));
  pass(600s);
  EXPECT_EQ(listed(), strings{});
  EXPECT_FALSE(rules.dline_for("192.0.2.7", wall_ms));
  EXPECT_EQ(number("SELECT count(*) FROM network_ban"), 0);
}

TEST_F(BansTest, AFlooderChangesNothingThatAnOperatorHasSaid) {
  add("dline", "192.0.2.0/24", 0, "for good");
  say(flooder("192.0.2.0/24"));
  pass(600s);
  EXPECT_EQ(rules.dline_for("192.0.2.7", wall_ms), "for good");
  say(flooder("198.51.100.1"));
  EXPECT_EQ(remove("dline", "198.51.100.1").refusal(), chat::v1::NONE);
  EXPECT_FALSE(rules.dline_for("198.51.100.1", wall_ms));
  for (auto& bad : {flooder("0.0.0.0/0"), flooder("*"), flooder("192.0.2.1", 0),
                    flooder("192.0.2.1", -1), flooder("192.0.2.1", 1LL << 60)})
    say(bad);
  EXPECT_EQ(listed(), strings{"192.0.2.0/24"});
}

TEST_F(BansTest, FloodersLeaveOperatorsHalfOfTheRoom) {
  auto few = defaults();
  few.max_bans = 4;
  settings.set(few);
  for (auto x : {"192.0.2.1", "192.0.2.2", "192.0.2.3"})
    say(flooder(x));
  EXPECT_EQ(listed(), (strings{"192.0.2.1", "192.0.2.2"}));
  EXPECT_EQ(add("dline", "10.0.0.1").refusal(), chat::v1::NONE);
  EXPECT_EQ(add("dline", "10.0.0.2").refusal(), chat::v1::NONE);
  EXPECT_EQ(add("dline", "10.0.0.3").refusal(), chat::v1::LIST_FULL);
}

TEST_F(BansTest, TellsOtherNodesThatTheBooksHaveChanged) {
  counted_news told;
  news = &told;
  restart_network();
  add("kline", "*@bad.example");
  EXPECT_EQ(told.changes, 1);
  add("kline", "*@*"); // refused
  EXPECT_EQ(told.changes, 1);
  remove("kline", "*@bad.example");
  EXPECT_EQ(told.changes, 2);
  say(flooder("192.0.2.1"));
  EXPECT_EQ(told.changes, 3);
  end(actor); // before the news
}

TEST_F(BansTest, SaysThatABanIsSetWhenAllNodesKnowIt) {
  counted_news told;
  news = &told;
  std::function<void(result<void_t>)> others_know;
  tell_others = [&](auto done) { others_know = done; };
  restart_network();
  caf::scoped_actor me{sys};
  auto x = from(root);
  x.mutable_add_ban()->mutable_ban()->set_kind("dline");
  x.mutable_add_ban()->mutable_ban()->set_mask("10.0.0.0/8");
  auto pending = me->request(actor, patience, x);
  pass(0s);
  ASSERT_TRUE(others_know);
  EXPECT_TRUE(rules.dline_for("10.1.1.1", wall_ms)) << "here it holds already";
  EXPECT_TRUE(me->mailbox().empty());
  others_know(void_t{});
  run();
  EXPECT_EQ(answer_to<Reply>(std::move(pending)).value().refusal(), chat::v1::NONE);
  EXPECT_EQ(told.changes, 0);
  end(actor);
}

TEST_F(BansTest, TellsByTheNewsWhoeverDidNotAnswer) {
  counted_news told;
  news = &told;
  tell_others = [](auto done) { done(fail(errc::timed_out)); };
  restart_network();
  EXPECT_EQ(add("dline", "10.0.0.0/8").refusal(), chat::v1::NONE);
  EXPECT_EQ(told.changes, 1);
  end(actor);
}

TEST_F(BansTest, ReadsAnewWhatAnotherNodeHasChanged) {
  add("kline", "*@mine.example");
  sql::network_ban row{sql::ban_kind::dline, "10.0.0.0/8", "theirs", "", "oper!o@h", wall_ms, 0};
  ASSERT_TRUE(wait<void_t>([&](auto done) { store().add(row, done); }));
  ASSERT_TRUE(
    wait<void_t>([&](auto done) { store().remove(sql::ban_kind::kline, "*@mine.example", done); }));
  EXPECT_FALSE(rules.dline_for("10.1.1.1", wall_ms));
  Request note;
  note.mutable_read_books();
  EXPECT_EQ(say(note).refusal(), chat::v1::NONE);
  EXPECT_EQ(rules.dline_for("10.1.1.1", wall_ms), "theirs") << "it says so when it has read";
  EXPECT_EQ(listed(), strings{"10.0.0.0/8"});
}

// It was said to be set, and so it is for whoever comes then.
TEST_F(BansTest, WhoComesWhileItReadsIsJudgedByThat) {
  sql::network_ban row{sql::ban_kind::kline, "~villain@*", "theirs", "", "oper!o@h", wall_ms, 0};
  ASSERT_TRUE(wait<void_t>([&](auto done) { store().add(row, done); }));
  Request note, question;
  note.mutable_read_books();
  question.mutable_check_connection();
  question.mutable_who()->set_user("~villain");
  question.mutable_who()->set_host("host");
  caf::anon_send(actor, note);
  EXPECT_EQ(say(question).refusal(), chat::v1::BANNED);
}

// The second note comes while the first is being followed: what is read then may be too old.
TEST_F(BansTest, ReadsOnceMoreWhenItIsToldMeanwhile) {
  sql::network_ban row{sql::ban_kind::dline, "10.0.0.0/8", "theirs", "", "oper!o@h", wall_ms, 0};
  ASSERT_TRUE(wait<void_t>([&](auto done) { store().add(row, done); }));
  Request note;
  note.mutable_read_books();
  caf::anon_send(actor, note);
  EXPECT_EQ(say(note).refusal(), chat::v1::NONE);
  EXPECT_EQ(rules.dline_for("10.1.1.1", wall_ms), "theirs");
}

TEST_F(BansTest, OneNodeSaysWhatAllSee) {
  speaks_for_all = [] { return false; };
  restart_network();
  add("dline", "10.0.0.0/8", 60);
  notices();
  pass(61s);
  EXPECT_EQ(listed(), strings{});
  EXPECT_EQ(notices(), strings{});
}

} // namespace hamlet
