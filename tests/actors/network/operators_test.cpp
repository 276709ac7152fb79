// SPDX-License-Identifier: Apache-2.0
#include "lib/log/capture.hpp"
#include "tests/actors/network/network_fixture.hpp"

#include <latch>

using namespace std::chrono_literals;

namespace hamlet {

using strings = std::vector<std::string>;

class OperatorsTest : public NetworkTest {
protected:
  static constexpr auto refusal = chat::v1::NOT_OPERATOR;

  OperatorsTest() {
    change_rules([](auto&) {});
  }

  template <class Change>
  void change_rules(Change change_it) {
    hamlet::config::chat_operator boss;
    boss.name = "boss";
    boss.password = password;
    auto now = defaults();
    now.operators = {boss};
    change_it(now);
    settings.set(now);
  }

  Request oper(const std::string& name, const std::string& word) {
    auto x = from(bob);
    x.mutable_check_operator()->set_name(name);
    x.mutable_check_operator()->set_password(word);
    return x;
  }

  const std::string password = hash("right");
  chat::v1::Who bob = come("bob", "10.0.0.1");
};

// RFC 2812 §3.1.4
TEST_F(OperatorsTest, KnowsAnOperator) {
  change_rules([](auto& x) {
    x.operators[0].title = "the Boss";
    x.operators[0].privileges = {hamlet::config::privilege::kill,
                                 hamlet::config::privilege::override_};
  });
  auto done = say(oper("boss", "right"));
  EXPECT_TRUE(answered_at_once);
  EXPECT_EQ(done.refusal(), chat::v1::NONE);
  EXPECT_EQ(done.detail(), "boss the Boss");
  EXPECT_EQ((strings{done.privileges().begin(), done.privileges().end()}),
            (strings{"kill", "override"}));
  EXPECT_EQ(notices(), strings{"bob (~bob@bob.hidden) [10.0.0.1] is now an operator (boss)"});
}

TEST_F(OperatorsTest, GivesAllPrivilegesWhereNoneIsNamed) {
  auto done = say(oper("boss", "right"));
  EXPECT_EQ(done.detail(), "boss");
  EXPECT_EQ(done.privileges_size(), 9);
}

// OPER x wrong, three times.
TEST_F(OperatorsTest, SlowsDownWhoGuesses) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(say(oper("boss", "wrong")).refusal(), refusal);
    EXPECT_FALSE(answered_at_once);
  }
  EXPECT_EQ(notices().back(), "Failed OPER as boss by bob (~bob@bob.hidden) [10.0.0.1]; "
                              "more from there are refused for a while");
  EXPECT_EQ(say(oper("boss", "right")).refusal(), refusal) << "nobody looks at it any more";
  EXPECT_FALSE(answered_at_once);
  EXPECT_EQ(notices(), strings{}) << "operators are not flooded";
  bob.set_address("10.0.0.2");
  EXPECT_EQ(say(oper("boss", "right")).refusal(), chat::v1::NONE) << "from elsewhere";
  bob.set_address("10.0.0.1");
  pass(10min);
  EXPECT_EQ(say(oper("boss", "right")).refusal(), chat::v1::NONE);
}

TEST_F(OperatorsTest, TakesAnIpv6NetworkForOneClient) {
  for (int i = 0; i < 3; ++i) {
    bob.set_address("2001:db8::" + std::to_string(i + 1));
    say(oper("boss", "wrong"));
  }
  bob.set_address("2001:db8::9");
  EXPECT_EQ(say(oper("boss", "right")).refusal(), refusal);
}

TEST_F(OperatorsTest, DoesNotLetManyGuessAtOnce) {
  caf::scoped_actor me{sys};
  std::vector<Request> tries{oper("boss", "wrong"), oper("boss", "right")};
  auto first = me->request(actor, patience, tries[0]);
  auto second = me->request(actor, patience, tries[1]);
  run(), pass(3s);
  EXPECT_EQ(answer_to<Reply>(std::move(first))->refusal(), refusal);
  EXPECT_EQ(answer_to<Reply>(std::move(second))->refusal(), refusal);
  EXPECT_EQ(say(oper("boss", "right")).refusal(), chat::v1::NONE);
}

TEST_F(OperatorsTest, DoesNotSlowDownThoseWhoAreExempt) {
  change_rules([](auto& x) { x.exempt = {network::of("10.0.0.0/8").value()}; });
  for (int i = 0; i < 5; ++i)
    say(oper("boss", "wrong"));
  EXPECT_EQ(say(oper("boss", "right")).refusal(), chat::v1::NONE);
}

// In text and in time: each costs one hash and the same delay.
TEST_F(OperatorsTest, RefusesAlikeWhateverIsWrong) {
  auto wrong = say(oper("boss", "wrong")).SerializeAsString();
  std::latch open{1};
  workers.submit([&] { open.wait(); }); // nobody computes a hash
  bob.set_address("10.0.0.2");
  caf::scoped_actor me{sys};
  auto pending = me->request(actor, patience, oper("unknown", "nothing")); // of the dummy
  run(with::store), StoreActorTest::sched.clock().advance_time(5s), run(with::store);
  EXPECT_TRUE(me->mailbox().empty()) << "it was compared with nothing";
  open.count_down();
  run();
  EXPECT_TRUE(me->mailbox().empty()) << "and not late";
  pass(3s);
  EXPECT_EQ(answer_to<Reply>(std::move(pending))->SerializeAsString(), wrong);
}

TEST_F(OperatorsTest, WantsAllThatIsSaidOfAnOperator) {
  struct {
    const char* what;
    std::function<void(hamlet::config::chat_operator&)> rule;
    std::function<void(chat::v1::Who&)> fits;
  } rows[] = {
    {"account", [](auto& x) { x.account = "Bob"; }, [](auto& x) { x.set_account("bob"); }},
    {"certificate", [](auto& x) { x.certificate = "abcd"; },
     [](auto& x) { x.set_certificate("abcd"); }},
    {"address", [](auto& x) { x.from = {"*@192.0.2.0/24"}; },
     [](auto& x) { x.set_address("192.0.2.9"); }},
    {"host",
     [](auto& x) {
       x.from = {"~bob@*.net", "*@HOME.example"};
     },
     [](auto& x) { x.set_host("home.example"); }},
  };
  for (auto& row : rows) {
    change_rules([&](auto& x) { row.rule(x.operators[0]); });
    auto before = bob;
    EXPECT_EQ(say(oper("boss", "right")).refusal(), refusal) << row.what;
    row.fits(bob);
    EXPECT_EQ(say(oper("boss", "right")).refusal(), chat::v1::NONE) << row.what;
    bob.set_address("198.51.100.1"); // another client: not throttled
    EXPECT_EQ(say(oper("boss", "wrong")).refusal(), refusal) << row.what;
    bob = before;
    pass(10min);
  }
}

TEST_F(OperatorsTest, KnowsAnOperatorByCertificateAlone) {
  change_rules([](auto& x) {
    x.operators[0].password.clear();
    x.operators[0].certificate = "abcd";
  });
  auto by_certificate = oper("", "");
  by_certificate.mutable_check_operator()->set_is_by_certificate(true);
  EXPECT_EQ(say(by_certificate).refusal(), refusal);
  by_certificate.mutable_who()->set_certificate("abcd");
  EXPECT_EQ(say(by_certificate).detail(), "boss");
  by_certificate.mutable_check_operator()->set_name("boss");
  EXPECT_EQ(say(by_certificate).detail(), "boss");
}

// One that asks for nothing is nobody's.
TEST_F(OperatorsTest, LetsNobodyInWithoutPasswordAndCertificate) {
  change_rules([](auto& x) { x.operators[0].password.clear(); });
  for (auto word : {"", "nothing", "x"})
    EXPECT_EQ(say(oper("boss", word)).refusal(), refusal);
  auto by_certificate = oper("", "");
  by_certificate.mutable_check_operator()->set_is_by_certificate(true);
  pass(10min);
  EXPECT_EQ(say(by_certificate).refusal(), refusal);
}

TEST_F(OperatorsTest, WritesDownWhoTriedButNoPassword) {
  log::capture lines;
  say(oper("boss", "hunter2"));
  say(oper("boss", "right"));
  EXPECT_TRUE(lines.has("OPER refused"));
  EXPECT_FALSE(lines.has("hunter2"));
  EXPECT_EQ(number("SELECT count(*) FROM oper_audit WHERE action = 'OPER' AND oper = 'boss (bob)'"
                   " AND outcome = 'refused' AND address = '10.0.0.1'"),
            1);
  EXPECT_EQ(number("SELECT count(*) FROM oper_audit WHERE outcome = 'granted'"), 1);
}

// -- WEBIRC and PASS ------------------------------------------------------------

class DoorsTest : public OperatorsTest {
protected:
  DoorsTest() {
    change_rules([&](auto& x) {
      x.gateways = {{.name = "web",
                     .password = password,
                     .certificate = {},
                     .from = {network::of("192.0.2.0/24").value()}}};
    });
  }
  Reply webirc(const std::string& word, const std::string& address,
               const std::string& certificate = {}) {
    Request x;
    x.mutable_check_gateway()->set_password(word);
    x.mutable_check_gateway()->set_address(address);
    x.mutable_check_gateway()->set_certificate(certificate);
    return say(x);
  }
  Reply pass_word(const std::string& word) {
    auto x = from(bob);
    x.mutable_check_connection()->set_password(word);
    return say(x);
  }
};

// WEBIRC pw gw host ip
TEST_F(DoorsTest, BelievesAWebGatewayFromWhereItIsWithItsPassword) {
  EXPECT_EQ(webirc("right", "192.0.2.1").detail(), "web");
  EXPECT_TRUE(answered_at_once);
  EXPECT_EQ(webirc("wrong", "192.0.2.1").refusal(), chat::v1::NO_ACCESS);
  EXPECT_FALSE(answered_at_once);
  EXPECT_EQ(webirc("right", "192.0.3.1").refusal(), chat::v1::NO_ACCESS) << "not allowed from";
  EXPECT_FALSE(answered_at_once);
  EXPECT_EQ(webirc("", "192.0.2.1").refusal(), chat::v1::NO_ACCESS);
  EXPECT_EQ(webirc("right", "").refusal(), chat::v1::NO_ACCESS);
}

TEST_F(DoorsTest, WantsTheCertificateOfAGatewayWhereOneIsSaid) {
  change_rules([&](auto& x) {
    x.gateways = {{"web", password, "abcd", {network::of("192.0.2.1").value()}},
                  {"bare", "", "ef01", {network::of("192.0.2.2").value()}},
                  {"open", "", "", {network::of("192.0.2.3").value()}}};
  });
  EXPECT_EQ(webirc("right", "192.0.2.1").refusal(), chat::v1::NO_ACCESS);
  EXPECT_EQ(webirc("wrong", "192.0.2.1", "abcd").refusal(), chat::v1::NO_ACCESS);
  EXPECT_EQ(webirc("right", "192.0.2.1", "abcd").detail(), "web");
  EXPECT_EQ(webirc("", "192.0.2.2", "ef01").detail(), "bare");
  EXPECT_EQ(webirc("", "192.0.2.3").refusal(), chat::v1::NO_ACCESS) << "asks for nothing";
}

// A web gateway has many users: for each it would cost an Argon2id.
TEST_F(DoorsTest, KnowsTheRightPasswordAgainWithoutAHash) {
  webirc("right", "192.0.2.1");
  std::latch open{1};
  workers.submit([&] { open.wait(); });
  caf::scoped_actor me{sys};
  Request x;
  x.mutable_check_gateway()->set_password("right");
  x.mutable_check_gateway()->set_address("192.0.2.1");
  auto pending = me->request(actor, patience, x);
  run(with::store);
  EXPECT_FALSE(me->mailbox().empty());
  open.count_down();
  run();
  EXPECT_EQ(answer_to<Reply>(std::move(pending))->detail(), "web");
}

TEST_F(DoorsTest, AsksForNoPasswordWhereThereIsNone) {
  EXPECT_EQ(pass_word("").refusal(), chat::v1::NONE);
  EXPECT_EQ(pass_word("any").refusal(), chat::v1::NONE);
}

// RFC 2812 §3.1.1
TEST_F(DoorsTest, LetsInWithThePasswordOfTheConnection) {
  for (auto& stored : {std::string{"right"}, password}) {
    change_rules([&](auto& x) { x.connection_password = stored; });
    EXPECT_EQ(pass_word("right").refusal(), chat::v1::NONE) << stored;
    for (auto word : {"wrong", "", "righ", "rightt"}) {
      EXPECT_EQ(pass_word(word).refusal(), chat::v1::NO_ACCESS) << stored;
      EXPECT_FALSE(answered_at_once);
    }
  }
  bob.set_account("bob");
  EXPECT_EQ(pass_word("").refusal(), chat::v1::NONE) << "members who logged in need none";
}

TEST_F(DoorsTest, LetsNobodyInWhoIsBanned) {
  add("kline", "*@10.0.0.0/24", 0, "go away");
  bob.set_account("bob");
  auto refused = pass_word("");
  EXPECT_EQ(refused.refusal(), chat::v1::BANNED);
  EXPECT_EQ(refused.detail(), "go away");
}

} // namespace hamlet
