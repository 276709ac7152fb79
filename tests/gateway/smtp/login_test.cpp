// SPDX-License-Identifier: Apache-2.0
#include "lib/text/base64.hpp"
#include "tests/gateway/smtp/smtp_world.hpp"
#include "tests/support/scram_client.hpp"

#include <gtest/gtest.h>

using namespace std::string_literals;

namespace hamlet::smtp {

namespace {

const std::string logged_in = "235 2.7.0 Authentication successful\r\n";
const std::string failed = "535 5.7.8 Authentication failed\r\n";

std::string b64(std::string_view text) {
  return base64::encode(text);
}

struct SmtpLogin : testing::Test {
  SmtpLogin() { w.ask("EHLO a\r\n"); }
  ~SmtpLogin() override { EXPECT_EQ(w.fault, ""); }
  world w{world::port_587()};
};

} // namespace

TEST_F(SmtpLogin, TakesPlain) { // RFC 4954 §4, RFC 4616
  EXPECT_EQ(w.ask("AUTH PLAIN " + b64("\0alice\0secret"s) + "\r\n"), logged_in);
  EXPECT_EQ(w.ask("MAIL FROM:<alice@here.test>\r\n"), "250 2.1.0 Ok\r\n");
}

TEST_F(SmtpLogin, AsksForWhatPlainHasNotSaid) {
  EXPECT_EQ(w.ask("auth plain\r\n"), "334 \r\n");
  EXPECT_EQ(w.ask(b64("\0alice\0secret"s) + "\r\n"), logged_in);
}

TEST_F(SmtpLogin, TakesLogin) {
  EXPECT_EQ(w.ask("AUTH LOGIN\r\n"), "334 " + b64("Username:") + "\r\n");
  EXPECT_EQ(w.ask(b64("alice") + "\r\n"), "334 " + b64("Password:") + "\r\n");
  EXPECT_EQ(w.ask(b64("secret") + "\r\n"), logged_in);
}

TEST_F(SmtpLogin, TakesScram) { // RFC 5802 §5, RFC 7677
  test::scram_client client{"alice", "secret"};
  auto heard = w.ask("AUTH SCRAM-SHA-256 " + b64(client.first()) + "\r\n");
  ASSERT_TRUE(heard.starts_with("334 ")) << heard;
  auto server_first = base64::decode(heard.substr(4, heard.size() - 6)).value_or("");
  ASSERT_TRUE(server_first.starts_with("r=clientnonceservernonce")) << server_first;
  heard = w.ask(b64(client.final_for(server_first)) + "\r\n");
  ASSERT_TRUE(heard.starts_with("334 " + b64("v="s).substr(0, 2))) << heard;
  EXPECT_EQ(w.ask("\r\n"), logged_in);
  EXPECT_EQ(w.ask("MAIL FROM:<alice@here.test>\r\n"), "250 2.1.0 Ok\r\n");
}

TEST_F(SmtpLogin, IsNotThroughBeforeTheLastStep) {
  test::scram_client client{"alice", "secret"};
  auto heard = w.ask("AUTH SCRAM-SHA-256 " + b64(client.first()) + "\r\n");
  auto server_first = base64::decode(heard.substr(4, heard.size() - 6)).value_or("");
  w.ask(b64(client.final_for(server_first)) + "\r\n");
  EXPECT_EQ(w.ask("*\r\n"), "501 5.7.0 Authentication cancelled\r\n");
  EXPECT_EQ(w.ask("MAIL FROM:<alice@here.test>\r\n"), "530 5.7.0 Authentication required\r\n");
}

TEST_F(SmtpLogin, BindsScramToItsChannel) { // RFC 5802 §6, RFC 9266
  EXPECT_EQ(w.ask("AUTH SCRAM-SHA-256-PLUS\r\n"), "504 5.5.4 Unknown mechanism\r\n");
  for (auto binding : {"exporter", "another"}) {
    auto s = world::port_587();
    s.line.binding.tls_exporter = "exporter";
    world bound{s};
    bound.ask("EHLO a\r\n");
    test::scram_client client{"alice", "secret", "p=tls-exporter,,", binding};
    auto heard = bound.ask("AUTH SCRAM-SHA-256-PLUS " + b64(client.first()) + "\r\n");
    ASSERT_TRUE(heard.starts_with("334 ")) << heard;
    auto server_first = base64::decode(heard.substr(4, heard.size() - 6)).value_or("");
    heard = bound.ask(b64(client.final_for(server_first)) + "\r\n");
    EXPECT_EQ(heard.starts_with("334 "), binding == "exporter"s) << heard;
  }
}

TEST_F(SmtpLogin, TellsOnlyThatItFailed) { // RFC 4954 §6
  const std::string wrong[] = {"\0alice\0wrong"s, "\0nobody\0secret"s, "\0alice\0 secret"s};
  for (auto& message : wrong) {
    world one{world::port_587()};
    one.ask("EHLO a\r\n");
    EXPECT_EQ(one.ask("AUTH PLAIN " + b64(message) + "\r\n"), failed);
  }
  w.verdict_if_right = auth::verdict::locked;
  EXPECT_EQ(w.ask("AUTH PLAIN " + b64("\0alice\0secret"s) + "\r\n"), failed);
  EXPECT_EQ(w.ask("MAIL FROM:<alice@here.test>\r\n"), "530 5.7.0 Authentication required\r\n");
}

TEST_F(SmtpLogin, EndsAfterThreeFailures) {
  auto line = "AUTH PLAIN " + b64("\0alice\0wrong"s) + "\r\n";
  EXPECT_EQ(w.ask(line), failed);
  EXPECT_EQ(w.ask("AUTH PLAIN !!\r\n"), "501 5.5.2 Not base64\r\n");
  EXPECT_EQ(w.ask(line), failed + "421 4.7.0 Too many failed logins\r\n");
  EXPECT_TRUE(w.is_closed);
}

TEST_F(SmtpLogin, SaysWhenItCannotCheck) {
  w.verdict_if_right = auth::verdict::temporary;
  auto line = "AUTH PLAIN " + b64("\0alice\0secret"s) + "\r\n";
  for (int i = 0; i < 10; ++i) // no fault of the client's
    EXPECT_TRUE(w.ask(line).starts_with("454 4.7.0"));
  w.verdict_if_right = auth::verdict::throttled;
  EXPECT_TRUE(w.ask(line).starts_with("454 4.7.0"));
  w.verdict_if_right = auth::verdict::right;
  EXPECT_EQ(w.ask(line), logged_in);
}

TEST_F(SmtpLogin, RefusesWhatHasNoForm) { // RFC 4954 §4
  struct {
    std::string lines, reply;
  } table[] = {
    {"AUTH PLAIN a\r\n", "501 5.5.2"},
    {"AUTH PLAIN " + b64("alice") + "\r\n", "501 5.5.2"},
    {"AUTH PLAIN =\r\n", "501 5.5.2"}, // empty, and PLAIN wants more
    {"AUTH PLAIN =x\r\n", "501 5.5.2"},
    {"AUTH CRAM-MD5\r\n", "504 5.5.4"},
    {"AUTH EXTERNAL =\r\n", "504 5.5.4"}, // nobody is asked for a certificate
    {"AUTH PLAIN x y\r\n", "501 5.5.2"},
    {"AUTH \r\n", "501 5.5.4"},
    {"AUTH PLAIN " + std::string(12'300, 'A') + "\r\n", "500 5.5.6"},
    {"AUTH PLAIN\n", "500 5.5.2"},
  };
  for (auto& [lines, reply] : table) {
    world one{world::port_587()};
    one.ask("EHLO a\r\n");
    auto heard = one.ask(lines);
    EXPECT_TRUE(heard.starts_with(reply)) << lines << heard;
    EXPECT_EQ(one.ask("NOOP\r\n"), "250 2.0.0 Ok\r\n");
  }
}

TEST_F(SmtpLogin, LeavesTheExchangeAfterAnyFault) {
  for (auto line : {"*\r\n"s, "!\r\n"s, std::string(13'000, 'A') + "\r\n", "QUJD\n"s}) {
    world one{world::port_587()};
    one.ask("EHLO a\r\n");
    EXPECT_EQ(one.ask("AUTH PLAIN\r\n"), "334 \r\n");
    EXPECT_TRUE(one.ask(line).starts_with("50"));
    EXPECT_EQ(one.ask("NOOP\r\n"), "250 2.0.0 Ok\r\n");
    one.log_in(); // malformed base64 disturbs nobody else, and not even its sender
    EXPECT_EQ(one.ask("MAIL FROM:<alice@here.test>\r\n"), "250 2.1.0 Ok\r\n");
  }
}

TEST_F(SmtpLogin, TakesLongMessages) { // RFC 4954 §4: 12,288 octets
  auto line = "AUTH PLAIN " + std::string(12'288 - 13, 'A') + "\r\n";
  EXPECT_FALSE(w.ask(line).starts_with("500 "));
}

TEST_F(SmtpLogin, IsForMembersInsideTlsAndOnce) { // RFC 4954 §4
  auto line = "AUTH PLAIN " + b64("\0alice\0secret"s) + "\r\n";
  world port_25;
  port_25.ask("EHLO a\r\n");
  EXPECT_TRUE(port_25.ask(line).starts_with("502 5.5.1"));
  auto s = world::port_587();
  s.line.is_tls = false;
  world clear{s};
  clear.ask("EHLO a\r\n");
  EXPECT_EQ(clear.ask(line), "538 5.7.11 Encryption required for authentication\r\n");
  EXPECT_EQ(count<ask_auth>(clear), 0);
  world by_helo{world::port_587()};
  by_helo.ask("HELO a\r\n");
  EXPECT_EQ(by_helo.ask(line), "503 5.5.1 Bad sequence of commands\r\n");
  EXPECT_EQ(w.ask(line), logged_in);
  EXPECT_EQ(w.ask(line), "503 5.5.1 You are logged in\r\n");
  w.ask("EHLO b\r\nRSET\r\n"); // RFC 4954 §4: it lasts
  EXPECT_EQ(w.ask("MAIL FROM:<alice@here.test>\r\n"), "250 2.1.0 Ok\r\n");
  EXPECT_EQ(w.ask(line), "503 5.5.1 You are logged in\r\n");
}

TEST_F(SmtpLogin, EndsWhenCommandsComeBeforeTheReply) { // RFC 2920 §3.1
  EXPECT_EQ(w.ask("AUTH PLAIN\r\n" + b64("\0alice\0secret"s) + "\r\n"),
            "554 5.5.0 Error: SMTP protocol synchronization\r\n");
  EXPECT_TRUE(w.is_closed);
  world other{world::port_587()};
  other.ask("EHLO a\r\nAUTH PLAIN\r\n");
  EXPECT_EQ(other.ask(b64("\0alice\0secret"s) + "\r\nMAIL FROM:<alice@here.test>\r\n"),
            "554 5.5.0 Error: SMTP protocol synchronization\r\n");
}

TEST_F(SmtpLogin, AsksNamesForMembersOnly) { // RFC 5321 §3.5
  EXPECT_EQ(w.ask("VRFY bob\r\n"), "252 2.0.0 Cannot say; mail will be tried\r\n");
  w.log_in();
  EXPECT_EQ(w.ask("VRFY bob\r\n"), "250 2.1.5 bob verified\r\n");
  EXPECT_EQ(w.ask("EXPN the staff\r\n"), "250 2.1.5 the staff expanded\r\n");
  EXPECT_EQ(w.ask("VRFY d\xc3\xb6mi SMTPUTF8\r\n"), "250 2.1.5 d\xc3\xb6mi verified\r\n");
  EXPECT_EQ(w.ask("VRFY a\x01\r\n"), "501 5.5.2 Not a name\r\n");
  EXPECT_EQ(w.ask("VRFY \xff\r\n"), "501 5.5.2 Not a name\r\n");
}

TEST_F(SmtpLogin, ShutsDownInTheMiddle) { // RFC 5321 §3.8
  w.ask("AUTH PLAIN\r\n");
  w.shut_down();
  EXPECT_EQ(w.heard(), "421 4.3.2 mail.here.test is shutting down\r\n");
  EXPECT_TRUE(w.is_closed);
}

} // namespace hamlet::smtp
