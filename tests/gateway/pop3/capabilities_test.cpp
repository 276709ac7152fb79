// SPDX-License-Identifier: Apache-2.0
#include "tests/gateway/pop3/pop3_world.hpp"

#include <gtest/gtest.h>

namespace hamlet::pop3 {

namespace {

std::string capabilities(world& w) {
  w.heard();
  auto answer = w.ask("CAPA\r\n");
  std::string first = "+OK capabilities follow\r\n", last = ".\r\n";
  EXPECT_TRUE(answer.starts_with(first) && answer.ends_with("\r\n" + last)) << answer;
  return answer.substr(first.size(), answer.size() - first.size() - last.size());
}

bool has(const std::string& lines, std::string_view line) {
  return ("\r\n" + lines).find("\r\n" + std::string{line} + "\r\n") != lines.npos;
}

world::setup clear_with_tls() {
  world::setup x;
  x.rules.offers_tls = true;
  return x;
}

} // namespace

TEST(Capabilities, AreTrueInTheClear) { // RFC 2449 §5
  world w{clear_with_tls()};
  EXPECT_EQ(capabilities(w), "TOP\r\nUIDL\r\nSASL SCRAM-SHA-256\r\nSTLS\r\nRESP-CODES\r\n"
                             "AUTH-RESP-CODE\r\nPIPELINING\r\nEXPIRE NEVER\r\nUTF8 USER\r\nLANG\r\n"
                             "IMPLEMENTATION Hamlet\r\n");
}

TEST(Capabilities, AreTrueInsideTls) {
  world w{clear_with_tls()};
  w.ask("STLS\r\n");
  ASSERT_TRUE(w.secure({"exporter", ""}));
  EXPECT_EQ(capabilities(w),
            "TOP\r\nUIDL\r\nUSER\r\nSASL SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN\r\n"
            "RESP-CODES\r\nAUTH-RESP-CODE\r\nPIPELINING\r\nEXPIRE NEVER\r\n"
            "UTF8 USER\r\nLANG\r\nIMPLEMENTATION Hamlet\r\n");
}

TEST(Capabilities, AreTheSameAfterTheLogin) { // RFC 2449 §5, RFC 5034 §3
  world::setup x;
  x.line.is_tls = true;
  x.rules.login_delay = 60;
  world w{x};
  auto before = capabilities(w);
  EXPECT_TRUE(has(before, "LOGIN-DELAY 60")) << before;
  EXPECT_TRUE(has(before, "SASL SCRAM-SHA-256 PLAIN")) << before; // no channel data, no -PLUS
  w.log_in();
  EXPECT_EQ(capabilities(w), before);
}

TEST(Capabilities, OfferStlsOnlyWhereItWorks) { // RFC 2595 §4
  auto setup = clear_with_tls();
  setup.rules.needs_tls_for_login = false;
  world w{setup};
  EXPECT_TRUE(has(capabilities(w), "STLS"));
  w.log_in();
  EXPECT_FALSE(has(capabilities(w), "STLS"));
  world in_utf8{setup};
  in_utf8.ask("UTF8\r\n");
  EXPECT_FALSE(has(capabilities(in_utf8), "STLS")); // RFC 6856 §2.1
  setup.rules.offers_tls = false;
  world without{setup};
  EXPECT_FALSE(has(capabilities(without), "STLS"));
}

TEST(Capabilities, HideTheImplementationWhereTold) {
  world::setup x;
  x.rules.implementation.clear();
  world w{x};
  EXPECT_EQ(capabilities(w).find("IMPLEMENTATION"), std::string::npos);
}

TEST(Capabilities, TakeNoArgument) {
  world w;
  w.heard();
  EXPECT_EQ(w.ask("CAPA x\r\n"), "-ERR syntax: CAPA\r\n");
}

TEST(Language, IsListedAndChosen) { // RFC 6856 §3.2
  world w;
  w.heard();
  EXPECT_EQ(w.ask("LANG\r\n"), "+OK languages follow\r\nen English\r\nvi Tiếng Việt\r\nzh 中文\r\n"
                               "i-default English\r\n.\r\n");
  EXPECT_EQ(w.ask("LANG vi\r\n"), "+OK vi đã chuyển sang tiếng Việt\r\n");
  EXPECT_EQ(w.ask("STAT\r\n"), "-ERR hãy đăng nhập trước: USER, APOP hoặc AUTH\r\n");
  EXPECT_EQ(w.ask("LANG zh-CN\r\n"), "+OK zh 已切换为中文\r\n");
  EXPECT_EQ(w.ask("STAT\r\n"), "-ERR 请先登录：USER、APOP 或 AUTH\r\n");
  EXPECT_EQ(w.ask("LANG i-default\r\n"), "+OK i-default now in English\r\n");
}

TEST(Language, StaysWhereAnUnknownOneIsAskedFor) { // RFC 6856 §3.2
  world w;
  w.ask("LANG vi\r\n");
  EXPECT_EQ(w.ask("LANG de\r\n"), "-ERR không có ngôn ngữ này, dùng LANG để xem danh sách\r\n");
  EXPECT_EQ(w.ask("QUIT\r\n"), "+OK tạm biệt\r\n");
}

TEST(Language, OfTheAdministratorIsAStar) { // RFC 6856 §3.2
  world::setup x;
  x.rules.language = "zh";
  world w{x};
  EXPECT_EQ(w.heard(), "+OK mail.example.org POP3 ready <1.2@mail.example.org>\r\n");
  EXPECT_EQ(w.ask("LANG *\r\n"), "+OK zh 已切换为中文\r\n");
}

TEST(Language, MayBeChosenInBothStates) { // RFC 6856 §3.1
  world::setup x;
  x.line.is_tls = true;
  world w{x};
  w.log_in();
  EXPECT_EQ(w.ask("LANG vi\r\n"), "+OK vi đã chuyển sang tiếng Việt\r\n");
  EXPECT_EQ(w.ask("RETR 1\r\n"), "-ERR không có thư này, thư cuối cùng là số 0\r\n");
}

} // namespace hamlet::pop3
