// SPDX-License-Identifier: Apache-2.0
#include "tests/gateway/smtp/smtp_world.hpp"

#include <gtest/gtest.h>

using namespace std::string_literals;

namespace hamlet::smtp {

namespace {

struct row {
  std::string argument;
  std::string reply;
};

} // namespace

TEST(SmtpMail, JudgesTheReversePathAndItsParameters) { // RFC 5321 §4.1.1.2
  const row table[] = {
    {"FROM:<a@b.test>", "250 2.1.0"},
    {"from:<a@b.test>", "250 2.1.0"},
    {"FROM: <a@b.test>", "250 2.1.0"}, // many clients, against the rule
    {"FROM:<>", "250 2.1.0"},
    {"FROM:<\"a b\"@b.test>", "250 2.1.0"},
    {"FROM:<@one.test,@two.test:a@b.test>", "250 2.1.0"},
    {"FROM:<a@[192.0.2.1]>", "250 2.1.0"},
    {"FROM:a@b.test", "501 5.1.7"},
    {"FROM:<a@b.test", "501 5.1.7"},
    {"FROM:<root>", "501 5.1.7"},
    {"FROM:<postmaster>", "501 5.1.7"},
    {"FROM:<a@b.test>SIZE=1", "501 5.1.7"},
    {"FROM:<a@b\r.test>", "501 5.1.7"},
    {"FROM:<a\0@b.test>"s, "501 5.1.7"},
    {"FROM:<" + std::string(65, 'a') + "@b.test>", "501 5.1.7"}, // RFC 5321 §4.5.3.1.1
    {"FROM:<a@" + std::string(64, 'b') + ".test>", "501 5.1.8"},
    {"TO:<a@b.test>", "501 5.1.7"},
    {"FROM:<\xc3\xa9@b.test>", "553 5.6.7"}, // RFC 6531 §3.5
    {"FROM:<a@\xc3\xa9.test>", "553 5.6.7"},
    {"FROM:<\xc3\xa9@b.test> SMTPUTF8", "250 2.1.0"},
    {"FROM:<\xff@b.test> SMTPUTF8", "501 5.1.7"},
    {"FROM:<a@b.test> SMTPUTF8=1", "501 5.5.4"},
    {"FROM:<a@b.test> SIZE=1000", "250 2.1.0"},
    {"FROM:<a@b.test> SIZE=52428800", "250 2.1.0"},
    {"FROM:<a@b.test> SIZE=52428801", "552 5.3.4"}, // RFC 1870 §6.1
    {"FROM:<a@b.test> SIZE=99999999999999999999", "552 5.3.4"},
    {"FROM:<a@b.test> SIZE=", "501 5.5.4"},
    {"FROM:<a@b.test> SIZE=x", "501 5.5.4"},
    {"FROM:<a@b.test> SIZE", "501 5.5.4"},
    {"FROM:<a@b.test> SIZE=1 size=1", "501 5.5.4"},
    {"FROM:<a@b.test> BODY=7bit", "250 2.1.0"},
    {"FROM:<a@b.test> BODY=8BITMIME", "250 2.1.0"}, // RFC 6152 §2
    {"FROM:<a@b.test> BODY=BINARYMIME", "250 2.1.0"},
    {"FROM:<a@b.test> BODY=9BIT", "501 5.5.4"},
    {"FROM:<a@b.test> RET=HDRS ENVID=a+20b", "250 2.1.0"}, // RFC 3461 §4.3 and §4.4
    {"FROM:<a@b.test> ENVID=a+0D+0A", "501 5.5.4"},        // it stands for printable ASCII
    {"FROM:<a@b.test> RET=NONE", "501 5.5.4"},
    {"FROM:<a@b.test> ENVID=a+0d", "501 5.5.4"},
    {"FROM:<a@b.test> ENVID=" + std::string(100, 'x'), "250 2.1.0"},
    {"FROM:<a@b.test> ENVID=" + std::string(101, 'x'), "501 5.5.4"},
    {"FROM:<a@b.test> AUTH=<>", "250 2.1.0"}, // RFC 4954 §5
    {"FROM:<a@b.test> AUTH=e+3Dmc2@example.com", "250 2.1.0"},
    {"FROM:<a@b.test> AUTH=a+", "501 5.5.4"},
    {"FROM:<a@b.test> FOO=BAR", "555 5.5.4"}, // RFC 5321 §4.1.1.11
    {"FROM:<a@b.test> FOO", "555 5.5.4"},
    {"FROM:<a@b.test> NOTIFY=NEVER", "555 5.5.4"},
    {"FROM:<a@b.test> -=", "501 5.5.4"},
  };
  for (auto& [argument, reply] : table) {
    world w;
    w.ask("EHLO a\r\n");
    auto heard = w.ask("MAIL " + argument + "\r\n");
    EXPECT_TRUE(heard.starts_with(reply)) << argument << ": " << heard;
    EXPECT_EQ(w.ask("RCPT TO:<bob@here.test>\r\n").starts_with("250"), heard.starts_with("250"));
  }
}

TEST(SmtpMail, KnowsNoParametersAfterHelo) { // RFC 5321 §4.1.1.11
  world w;
  w.ask("HELO a\r\n");
  EXPECT_TRUE(w.ask("MAIL FROM:<a@b.test> SIZE=1\r\n").starts_with("555 5.5.4"));
  EXPECT_TRUE(w.ask("MAIL FROM:<a@b.test>\r\n").starts_with("250"));
  EXPECT_TRUE(w.ask("RCPT TO:<bob@here.test> NOTIFY=NEVER\r\n").starts_with("555 5.5.4"));
}

TEST(SmtpRcpt, JudgesTheForwardPathAndItsParameters) { // RFC 5321 §4.1.1.3
  const row table[] = {
    {"TO:<bob@here.test>", "250 2.1.5"},
    {"TO:<BOB@here.test>", "550 5.1.1"}, // of this world; the case reaches who is asked
    {"TO:<Postmaster>", "250 2.1.5"},
    {"TO:<postmaster@here.test>", "250 2.1.5"},
    {"TO:<@one.test:bob@here.test>", "250 2.1.5"},
    {"TO:<nobody@here.test>", "550 5.1.1"},
    {"TO:<>", "501 5.1.3"},
    {"TO:bob@here.test", "501 5.1.3"},
    {"TO:<bob>", "501 5.1.3"},
    {"TO:<bob@-x-.test>", "501 5.1.2"},
    {"TO:<\xc3\xa9@here.test>", "553 5.6.7"},
    {"TO:<bob@here.test> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;b+2Bc@d.test", "250 2.1.5"},
    {"TO:<bob@here.test> NOTIFY=NEVER,DELAY", "501 5.5.4"},
    {"TO:<bob@here.test> NOTIFY", "501 5.5.4"},
    {"TO:<bob@here.test> ORCPT=rfc822", "501 5.5.4"},
    {"TO:<bob@here.test> ORCPT=rfc822;" + std::string(494, 'x'), "501 5.5.4"},
    {"TO:<bob@here.test> NOTIFY=DELAY notify=DELAY", "501 5.5.4"},
    {"TO:<bob@here.test> SIZE=1", "555 5.5.4"},
  };
  for (auto& [argument, reply] : table) {
    world w;
    w.ask("EHLO a\r\nMAIL FROM:<a@b.test>\r\n");
    w.heard();
    auto heard = w.ask("RCPT " + argument + "\r\n");
    EXPECT_TRUE(heard.starts_with(reply)) << argument << ": " << heard;
    EXPECT_EQ(w.fault, "");
  }
}

// The forms that once made relays of servers: none may be taken for a local address.
TEST(SmtpRcpt, TakesNoForeignAddressForALocalOne) {
  const char* paths[] = {
    "<u@example.org>",
    "<u%example.org@here.test>",
    "<\"u@example.org\">",
    "<\"u%example.org\">",
    "<u@example.org@here.test>",
    "<\"u@example.org\"@here.test>",
    "<@here.test:u@example.org>",
    "<example.org!u>",
    "<example.org!u@here.test>",
    "<u@[127.0.0.1]>",
    "<u@[203.0.113.9]>",
    "<u@example.org%here.test>",
    "u@example.org",
    "<u@here.test.example.org>",
    "<u@example.org,bob@here.test>",
  };
  for (auto from : {"<>", "<bob@here.test>", "<u@localhost>", "<u@[127.0.0.1]>"})
    for (auto path : paths) {
      world w;
      w.ask("EHLO here.test\r\nMAIL FROM:"s + from + "\r\n");
      auto heard = w.ask("RCPT TO:"s + path + "\r\n");
      EXPECT_TRUE(heard.starts_with("50") || heard.starts_with("55")) << path << ": " << heard;
    }
}

TEST(SmtpRcpt, HandsOnAllThatItKnows) {
  world w;
  std::vector<ask_rcpt> asked;
  w.judge_rcpt = [&](const ask_rcpt& x) {
    asked.push_back(x);
    return x.to.to.local == "no" ? reply{550, "5.1.1 No"} : reply{250, "2.1.5 Ok"};
  };
  w.ask("EHLO client.test\r\n"
        "MAIL FROM:<a@b.test> SIZE=77 RET=hdrs ENVID=x BODY=8bitmime SMTPUTF8\r\n"
        "RCPT TO:<one@here.test> NOTIFY=FAILURE\r\nRCPT TO:<no@here.test>\r\n"
        "RCPT TO:<\xc3\xa9@here.test> ORCPT=rfc822;e@here.test\r\nDATA\r\n");
  w.ask("x\r\n.\r\n");
  ASSERT_EQ(asked.size(), 3);
  EXPECT_EQ(asked[0].declared_size, 77);
  EXPECT_EQ(asked[0].place, 0);
  EXPECT_EQ(asked[1].place, 1);
  EXPECT_EQ(asked[2].place, 1);
  EXPECT_FALSE(asked[2].from_member);
  ASSERT_EQ(w.accepted.size(), 1);
  auto& env = w.accepted[0].env;
  EXPECT_EQ(env.from.text(), "a@b.test");
  EXPECT_FALSE(env.from_null);
  ASSERT_EQ(env.to.size(), 2);
  EXPECT_EQ(env.to[0].notify, notify::failure);
  EXPECT_EQ(env.to[1].original, "rfc822;e@here.test");
  EXPECT_EQ(env.helo, "client.test");
  EXPECT_TRUE(env.extended);
  EXPECT_TRUE(env.utf8);
  EXPECT_FALSE(env.secured);
  EXPECT_FALSE(env.who);
  EXPECT_EQ(env.body, "8BITMIME");
  EXPECT_EQ(env.ret, "HDRS");
  EXPECT_EQ(env.envid, "x");
}

TEST(SmtpRcpt, TakesSoManyAndAsksToComeAgain) { // RFC 5321 §4.5.3.1.10
  auto s = world::port_25();
  s.rules.max_recipients = 3;
  world w{s};
  w.ask("EHLO a\r\nMAIL FROM:<a@b.test>\r\n");
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(w.ask("RCPT TO:<bob@here.test>\r\n"), "250 2.1.5 Ok\r\n");
  for (int i = 0; i < 30; ++i)
    EXPECT_EQ(w.ask("RCPT TO:<bob@here.test>\r\n"), "452 4.5.3 Too many recipients\r\n");
  w.ask("DATA\r\n");
  EXPECT_EQ(w.ask("x\r\n.\r\n"), "250 2.0.0 Ok: queued\r\n");
  EXPECT_EQ(w.accepted.at(0).env.to.size(), 3);
}

TEST(SmtpSubmission, WantsToKnowWhoSends) { // RFC 6409 §4.3
  world w{world::port_587()};
  w.ask("EHLO a\r\n");
  EXPECT_EQ(w.ask("MAIL FROM:<alice@here.test>\r\n"), "530 5.7.0 Authentication required\r\n");
  EXPECT_EQ(w.ask("RCPT TO:<u@example.org>\r\n"), "503 5.5.1 Bad sequence of commands\r\n");
}

TEST(SmtpSubmission, LetsMembersSendFromTheirOwnAddressesOnly) { // RFC 6409 §6.1
  const row table[] = {
    {"<alice@here.test>", "250 2.1.0"},         {"<Alice@HERE.test>", "250 2.1.0"},
    {"<alice.alias@here.test>", "250 2.1.0"},   {"<alice+shop@here.test>", "250 2.1.0"},
    {"<\"alice+a b\"@here.test>", "250 2.1.0"}, {"<>", "250 2.1.0"},
    {"<bob@here.test>", "553 5.7.1"},           {"<alice@example.org>", "553 5.7.1"},
    {"<bob+alice@here.test>", "553 5.7.1"},     {"<+alice@here.test>", "553 5.7.1"},
    {"<alice-x@here.test>", "553 5.7.1"},       {"<\"alice@here.test\"@example.org>", "553 5.7.1"},
  };
  for (auto& [path, reply] : table) {
    world w{world::port_587()};
    w.log_in();
    auto heard = w.ask("MAIL FROM:" + path + "\r\n");
    EXPECT_TRUE(heard.starts_with(reply)) << path << ": " << heard;
  }
}

TEST(SmtpSubmission, LetsMembersWriteUnderTheirOwnNameOnly) { // RFC 6409 §8.1
  const row table[] = {
    {"From: alice@here.test\r\n\r\n", "250 2.0.0"},
    {"From: \"Bob\" <Alice+x@Here.test>\r\n\r\n", "250 2.0.0"},
    {"From: alice@here.test, alice.alias@here.test\r\n\r\n", "250 2.0.0"},
    {"Subject: x\r\nFrom:\r\n alice@here.test\r\n", "250 2.0.0"},
    {"From: bob@here.test\r\n\r\n", "550 5.7.1"},
    {"From: alice@here.test, bob@here.test\r\n\r\n", "550 5.7.1"},
    {"From: alice@here.test\r\nFrom: bob@here.test\r\n\r\n", "550 5.7.1"},
    {"From: alice@here.test <bob@here.test>\r\n\r\n", "550 5.7.1"},
    {"From: Alice\r\n\r\n", "550 5.7.1"},
    {"From:\r\n\r\n", "550 5.7.1"},
    {"Subject: x\r\n\r\nFrom: alice@here.test\r\n", "550 5.7.1"},
    {"no header\r\nFrom: alice@here.test\r\n", "550 5.7.1"},
    {"", "550 5.7.1"},
  };
  for (auto& [text, reply] : table) {
    world w{world::port_587()};
    w.log_in();
    auto heard = w.mail(text);
    EXPECT_TRUE(heard.starts_with(reply)) << text << heard;
    EXPECT_EQ(w.accepted.size(), reply.starts_with("250"));
    EXPECT_EQ(w.fault, "");
  }
}

TEST(SmtpSubmission, TellsWhoSends) {
  world w{world::port_587()};
  w.log_in();
  bool from_member = false;
  w.judge_rcpt = [&](const ask_rcpt& x) {
    from_member = x.from_member;
    return reply{250, "2.1.5 Ok"};
  };
  w.mail("From: alice@here.test\r\n\r\n");
  EXPECT_TRUE(from_member);
  ASSERT_EQ(w.accepted.size(), 1);
  ASSERT_TRUE(w.accepted[0].env.who);
  EXPECT_EQ(w.accepted[0].env.who->address, "alice@here.test");
  EXPECT_TRUE(w.accepted[0].env.secured);
}

} // namespace hamlet::smtp
