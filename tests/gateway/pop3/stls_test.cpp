// SPDX-License-Identifier: Apache-2.0
#include "tests/gateway/pop3/pop3_world.hpp"

#include <gtest/gtest.h>

namespace hamlet::pop3 {

namespace {

struct Stls : testing::Test {
  static world::setup offered() {
    world::setup x;
    x.rules.offers_tls = true;
    x.rules.needs_tls_for_login = false;
    return x;
  }
  Stls() { w.heard(); }
  world w{offered()};
};

constexpr std::string_view begin_tls = "+OK begin TLS now\r\n";

} // namespace

TEST_F(Stls, DropsWhatStandsBehindItInThePacket) { // RFC 2595 §4
  for (auto packet : {"STLS\r\nCAPA\r\n", "stls\r\nUSER alice\r\nPASS secret\r\n", "STLS\r\nCAP"}) {
    world x{offered()};
    x.heard();
    EXPECT_EQ(x.ask(packet), begin_tls);
    EXPECT_EQ(x.ask("CAPA\r\n"), ""); // nor what comes before the handshake ends
    ASSERT_TRUE(x.secure());
    EXPECT_EQ(x.heard(), "");
    EXPECT_EQ(x.ask("STAT\r\n"), "-ERR log in first: USER, APOP or AUTH\r\n");
  }
}

TEST_F(Stls, ForgetsTheNameAndTheLanguage) { // RFC 2595 §4
  w.ask("LANG vi\r\nUSER alice\r\n");
  w.ask("STLS\r\n");
  ASSERT_TRUE(w.secure());
  EXPECT_EQ(w.ask("PASS secret\r\n"), "-ERR USER comes right before PASS\r\n");
  EXPECT_TRUE(w.s.is_secured());
}

TEST_F(Stls, IsRefusedAfterTheLogin) { // RFC 2595 §4
  w.log_in();
  EXPECT_EQ(w.ask("STLS\r\n"), "-ERR you are logged in already\r\n");
  EXPECT_FALSE(w.wants_tls);
}

TEST_F(Stls, IsRefusedInsideTls) { // RFC 2595 §4
  w.ask("STLS\r\n");
  w.secure();
  EXPECT_EQ(w.ask("STLS\r\n"), "-ERR TLS is active already\r\n");
}

TEST_F(Stls, IsRefusedWhereItIsNotOffered) {
  world x;
  x.heard();
  EXPECT_EQ(x.ask("STLS\r\n"), "-ERR TLS is not offered\r\n");
  EXPECT_EQ(w.ask("STLS now\r\n"), "-ERR syntax: STLS\r\n");
}

TEST_F(Stls, IsRefusedAfterUtf8) { // RFC 6856 §2.1
  EXPECT_EQ(w.ask("UTF8\r\n"), "+OK UTF-8 from now on\r\n");
  EXPECT_EQ(w.ask("STLS\r\n"), "-ERR STLS comes before UTF8\r\n");
}

TEST_F(Stls, IsNoCommandInsideAPassword) {
  w.passwords["alice"] = "stls";
  EXPECT_EQ(w.ask("USER STLS\r\nPASS STLS\r\n"),
            "+OK now the password\r\n-ERR [AUTH] wrong name or password\r\n");
  EXPECT_EQ(w.ask("USER alice\r\nPASS stls\r\n"),
            "+OK now the password\r\n+OK 0 messages (0 octets)\r\n");
  EXPECT_FALSE(w.wants_tls);
}

TEST_F(Stls, KeepsTheCountOfFailures) {
  w.ask("USER alice\r\nPASS 1\r\nUSER alice\r\nPASS 2\r\nSTLS\r\n");
  w.secure();
  w.ask("USER alice\r\nPASS 3\r\n");
  EXPECT_TRUE(w.is_closed);
}

TEST_F(Stls, SaysNoWordInTheClearWhenTheServerStops) {
  w.ask("STLS\r\n");
  w.shut_down();
  EXPECT_EQ(w.heard(), "");
  EXPECT_TRUE(w.is_closed);
}

} // namespace hamlet::pop3
