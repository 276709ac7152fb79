// SPDX-License-Identifier: Apache-2.0
#include "tests/gateway/smtp/smtp_world.hpp"

#include <gtest/gtest.h>

namespace hamlet::smtp {

// RFC 3207 §4.2 and CVE-2011-0411: what came with STARTTLS in one packet was
// perhaps written by somebody else. It gets no answer, before or after TLS.
TEST(SmtpStartTls, ForgetsWhatCameBehindIt) {
  const char* injected[] = {"STARTTLS\r\nEHLO commandinjectiontester\r\n",
                            "starttls\r\nmail from:<m@x.test>\r\n", "STARTTLS\r\nNOO"};
  for (auto packet : injected) {
    world w;
    w.ask("EHLO a\r\n");
    EXPECT_EQ(w.ask(packet), "220 2.0.0 Ready to start TLS\r\n");
    EXPECT_EQ(w.ask("NOOP\r\n"), "");
    ASSERT_TRUE(w.secure());
    EXPECT_EQ(w.heard(), "");
    EXPECT_EQ(w.ask("P\r\n"), "500 5.5.2 Command not recognized\r\n");
    EXPECT_EQ(w.fault, "");
  }
}

TEST(SmtpStartTls, StartsAnewInside) { // RFC 3207 §4.2
  world w;
  w.ask("EHLO a\r\nMAIL FROM:<x@y.test>\r\nRCPT TO:<bob@here.test>\r\n");
  EXPECT_EQ(w.ask("STARTTLS\r\n"), "220 2.0.0 Ready to start TLS\r\n");
  ASSERT_TRUE(w.secure());
  EXPECT_TRUE(w.s.is_secured());
  EXPECT_EQ(w.ask("RCPT TO:<bob@here.test>\r\n"), "503 5.5.1 Bad sequence of commands\r\n");
  EXPECT_EQ(w.ask("MAIL FROM:<x@y.test>\r\n"), "503 5.5.1 Say EHLO first\r\n");
  EXPECT_EQ(w.ask("EHLO a\r\n").find("STARTTLS"), std::string::npos);
  EXPECT_EQ(w.ask("STARTTLS\r\n"), "503 5.5.1 TLS is active\r\n");
  EXPECT_EQ(w.mail("x\r\n"), "250 2.0.0 Ok: queued\r\n");
  EXPECT_TRUE(w.accepted.at(0).env.secured);
}

TEST(SmtpStartTls, DiscardsTheChunksOfATransaction) {
  world w;
  w.ask("EHLO a\r\nMAIL FROM:<x@y.test>\r\nRCPT TO:<bob@here.test>\r\nBDAT 100000\r\n");
  w.ask(std::string(100'000, 'x'));
  w.ask("STARTTLS\r\n");
  EXPECT_EQ(count<discard>(w), 1);
  EXPECT_TRUE(w.secure());
  EXPECT_EQ(w.fault, "");
}

TEST(SmtpStartTls, IsNothingButTextInsideAText) {
  world w;
  w.up_to_text();
  EXPECT_EQ(w.ask("STARTTLS\r\nstarttls\r\n.\r\n"), "250 2.0.0 Ok: queued\r\n");
  EXPECT_FALSE(w.wants_tls);
  EXPECT_EQ(w.ask("MAIL FROM:<starttls@y.test>\r\nRCPT TO:<starttls@here.test>\r\n"),
            "250 2.1.0 Ok\r\n550 5.1.1 No such mailbox\r\n");
  EXPECT_FALSE(w.wants_tls);
}

TEST(SmtpStartTls, IsRefusedWhereItIsNotOffered) {
  auto s = world::port_25();
  s.rules.offers_tls = false;
  world w{s};
  EXPECT_EQ(w.ask("EHLO a\r\n").find("STARTTLS"), std::string::npos);
  EXPECT_EQ(w.ask("STARTTLS\r\n"), "502 5.5.1 TLS is not offered\r\n");
}

TEST(SmtpStartTls, HasNoLastWordInTheClear) {
  for (bool by_time : {false, true}) {
    world w;
    w.ask("EHLO a\r\nSTARTTLS\r\n");
    by_time ? w.time_out() : w.shut_down();
    EXPECT_EQ(w.heard(), "");
    EXPECT_TRUE(w.is_closed);
  }
}

TEST(SmtpStartTls, ForgetsWhoWasLoggedIn) {
  auto s = world::port_587(); // as behind a proxy that renews the channel
  world w{s};
  w.log_in();
  w.act([&](effects& out) { w.s.on_secured({true, {}}, out); });
  w.ask("EHLO a\r\n");
  EXPECT_EQ(w.ask("MAIL FROM:<alice@here.test>\r\n"), "530 5.7.0 Authentication required\r\n");
}

} // namespace hamlet::smtp
