// SPDX-License-Identifier: Apache-2.0
#include "tests/gateway/smtp/smtp_world.hpp"

#include <gtest/gtest.h>

using namespace std::string_literals;

namespace hamlet::smtp {

TEST(SmtpSession, GreetsAndTellsWhatItCan) { // RFC 5321 §3.1 and §4.1.1.1
  world w;
  EXPECT_EQ(w.heard(), "220 mail.here.test ESMTP\r\n");
  EXPECT_EQ(w.ask("EHLO client.test\r\n"), "250-mail.here.test\r\n250-PIPELINING\r\n"
                                           "250-SIZE 52428800\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n"
                                           "250-ENHANCEDSTATUSCODES\r\n250-STARTTLS\r\n"
                                           "250-CHUNKING\r\n250-BINARYMIME\r\n250-DSN\r\n"
                                           "250-LIMITS MAILMAX=10000 RCPTMAX=1000\r\n250 HELP\r\n");
  EXPECT_EQ(w.ask("HELO client.test\r\n"), "250 mail.here.test\r\n");
}

TEST(SmtpSession, OffersAuthToMembersInsideTlsOnly) { // RFC 4954 §4
  auto offers = [](world::setup s) {
    world w{std::move(s)};
    auto text = w.ask("EHLO a\r\n");
    auto at = text.find("AUTH ");
    return at == text.npos ? "" : text.substr(at, text.find("\r\n", at) - at);
  };
  auto member = world::port_587();
  EXPECT_EQ(offers(member), "AUTH PLAIN LOGIN SCRAM-SHA-256");
  member.line.binding.tls_exporter = "exporter";
  EXPECT_EQ(offers(member), "AUTH PLAIN LOGIN SCRAM-SHA-256 SCRAM-SHA-256-PLUS");
  member.line.is_tls = false;
  EXPECT_EQ(offers(member), "");
  auto stranger = world::port_25();
  stranger.line.is_tls = true;
  EXPECT_EQ(offers(stranger), "");
}

TEST(SmtpSession, AnswersEachCommandAsItsStateAllows) {
  struct {
    const char* before;
    const char* line;
    const char* reply;
  } table[] = {
    {"", "EHLO", "501 "},
    {"", "EHLO a b", "501 "},
    {"", "HELO x(y)", "501 "},
    {"", "MAIL FROM:<a@b.test>", "503 5.5.1"}, // RFC 5321 §4.1.4
    {"", "RCPT TO:<alice@here.test>", "503 5.5.1"},
    {"", "DATA", "503 5.5.1"},
    {"", "NOOP", "250 2.0.0"}, // RFC 5321 §4.1.1.9
    {"", "NOOP with a text", "250 2.0.0"},
    {"", "RSET", "250 2.0.0"},
    {"", "RSET x", "501 5.5.4"},
    {"", "QUIT x", "501 5.5.4"},
    {"", "VRFY alice", "252 2.0.0"}, // RFC 5321 §3.5.3
    {"", "VRFY nobody", "252 2.0.0"},
    {"", "EXPN staff", "252 2.0.0"},
    {"", "VRFY", "501 5.5.4"},
    {"", "HELP", "214-2.0.0"},
    {"", "HELP mail", "214 2.0.0 MAIL FROM:"},
    {"", "HELP AUTH", "504 5.5.4"},
    {"", "HELP GET", "504 5.5.4"},
    {"", "", "500 5.5.2"},
    {"", " NOOP", "500 5.5.2"},
    {"", "NOOP\tx", "500 5.5.2"},
    {"", "XYZZY", "500 5.5.2"},
    {"", "nOoP", "250 2.0.0"}, // RFC 5321 §2.4
    {"", "TURN", "502 5.7.0"},
    {"", "ETRN here.test", "502 5.5.1"},
    {"", "STARTTLS", "503 5.5.1"},
    {"", "AUTH PLAIN", "502 5.5.1"},
    {"EHLO a", "AUTH", "501 5.5.4"},
    {"EHLO a", "STARTTLS x", "501 5.5.4"}, // RFC 3207 §4
    {"EHLO a", "SEND FROM:<a@b.test>", "502 5.7.0"},
    {"EHLO a", "SOML FROM:<a@b.test>", "502 5.7.0"},
    {"EHLO a", "SAML FROM:<>", "502 5.7.0"},
    {"EHLO a", "SAML FROM:a@b.test", "502 5.7.0"},
    {"EHLO a", "RCPT TO:<alice@here.test>", "503 5.5.1"},
    {"EHLO a", "DATA", "503 5.5.1"},
    {"EHLO a|MAIL FROM:<a@b.test>", "MAIL FROM:<a@b.test>", "503 5.5.1"},
    {"EHLO a|MAIL FROM:<a@b.test>", "DATA", "554 5.5.1"}, // RFC 5321 §3.3
    {"EHLO a|MAIL FROM:<a@b.test>|EHLO a", "RCPT TO:<alice@here.test>", "503 5.5.1"},
    {"EHLO a|MAIL FROM:<a@b.test>|EHLO", "RCPT TO:<alice@here.test>", "250 2.1.5"},
    {"EHLO a|MAIL FROM:<a@b.test>|RSET", "RCPT TO:<alice@here.test>", "503 5.5.1"},
    {"EHLO a|MAIL FROM:<a@b.test>|NOOP|VRFY x|HELP", "RCPT TO:<alice@here.test>", "250 2.1.5"},
    {"EHLO a|MAIL FROM:<a@b.test>|RCPT TO:<alice@here.test>", "DATA x", "501 5.5.4"},
    {"EHLO a|MAIL FROM:<a@b.test>|RCPT TO:<alice@here.test>", "DATA", "354 "},
  };
  for (auto& [before, line, reply] : table) {
    world w;
    for (std::string_view rest = before; !rest.empty();) {
      auto one = rest.substr(0, rest.find('|'));
      rest.remove_prefix(std::min(one.size() + 1, rest.size()));
      w.ask(std::string{one} + "\r\n");
    }
    w.heard();
    auto heard = w.ask(line + "\r\n"s);
    EXPECT_TRUE(heard.starts_with(reply)) << before << " > " << line << ": " << heard;
    EXPECT_EQ(w.fault, "");
  }
}

// RFC 2920 §3.1: a whole transaction in one packet, answered in order.
TEST(SmtpSession, AnswersPipelinedCommandsInOrder) {
  world w;
  w.heard();
  w.holds = true;
  w.send("HELO a\r\nMAIL FROM:<x@y.test>\r\nRCPT TO:<no@here.test>\r\nDATA\r\n");
  EXPECT_TRUE(w.s.is_waiting());
  EXPECT_EQ(w.heard(), "250 mail.here.test\r\n250 2.1.0 Ok\r\n");
  w.answer_held();
  EXPECT_EQ(w.heard(), "550 5.1.1 No such mailbox\r\n554 5.5.1 No valid recipients\r\n");
}

TEST(SmtpSession, LetsAClientPipelineUpToData) { // RFC 2920 §3.1
  world w;
  w.ask("EHLO a\r\n");
  EXPECT_EQ(w.ask("MAIL FROM:<x@y.test>\r\nRCPT TO:<bob@here.test>\r\nDATA\r\n"),
            "250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n354 End data with <CR><LF>.<CR><LF>\r\n");
  // The next message may begin in the packet that ends this one.
  EXPECT_EQ(w.ask("a\r\n.\r\nMAIL FROM:<x@y.test>\r\nRCPT TO:<bob@here.test>\r\nDATA\r\n"),
            "250 2.0.0 Ok: queued\r\n250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n"
            "354 End data with <CR><LF>.<CR><LF>\r\n");
  EXPECT_EQ(w.ask("b\r\n.\r\nQUIT\r\n"),
            "250 2.0.0 Ok: queued\r\n221 2.0.0 mail.here.test closes the connection\r\n");
  EXPECT_EQ(w.accepted.size(), 2);
}

// RFC 2920 §3.1: nobody knows the reply to DATA before it is given.
TEST(SmtpSession, EndsWhenTextComesBeforeItWasAskedFor) {
  for (auto rcpt : {"bob", "nobody"}) {
    world w;
    w.ask("EHLO a\r\n");
    auto heard = w.ask("MAIL FROM:<x@y.test>\r\nRCPT TO:<"s + rcpt
                       + "@here.test>\r\nDATA\r\nSubject: x\r\n\r\n.\r\nNOOP\r\n");
    EXPECT_TRUE(heard.ends_with("554 5.5.0 Error: SMTP protocol synchronization\r\n")) << heard;
    EXPECT_TRUE(w.is_closed);
    EXPECT_TRUE(w.accepted.empty());
  }
}

TEST(SmtpSession, ReadsNothingAfterQuit) { // RFC 5321 §4.1.1.10
  world w;
  w.heard();
  EXPECT_EQ(w.ask("QUIT\r\nNOOP\r\n"), "221 2.0.0 mail.here.test closes the connection\r\n");
  EXPECT_TRUE(w.is_closed);
  EXPECT_EQ(w.ask("NOOP\r\n"), "");
  EXPECT_EQ(w.fault, "");
}

TEST(SmtpSession, ExecutesNoCommandThatEndsInABareNewline) { // RFC 5321 §2.3.8
  world w;
  w.heard();
  EXPECT_EQ(w.ask("QUIT\nNOOP\r\n"), "500 5.5.2 Lines end in CRLF\r\n250 2.0.0 Ok\r\n");
  EXPECT_TRUE(w.ask("EHLO x\rMAIL\r\n").starts_with("501 "));
  EXPECT_TRUE(w.ask("NOOP\rQUIT\r\n").starts_with("500 "));
  auto old = world::port_25();
  old.rules.stray = bare_newline::normalise;
  world tolerant{old};
  tolerant.heard();
  EXPECT_EQ(tolerant.ask("NOOP\nNOOP\r\n"), "250 2.0.0 Ok\r\n250 2.0.0 Ok\r\n");
}

TEST(SmtpSession, TakesLinesUpToTheLimit) { // RFC 5321 §4.5.3.1.4 and §4.5.3.1.9
  world w;
  w.heard();
  auto line = [](std::size_t octets) { return "NOOP " + std::string(octets - 7, 'x') + "\r\n"; };
  for (std::size_t piece : {0, 1, 2047}) {
    w.send(line(512), piece);
    w.send(line(2048), piece);
    EXPECT_EQ(w.heard(), "250 2.0.0 Ok\r\n250 2.0.0 Ok\r\n");
    w.send(line(2049) + line(10'000) + "NOOP\r\n", piece);
    EXPECT_EQ(w.heard(), "500 5.5.2 Line too long\r\n500 5.5.2 Line too long\r\n250 2.0.0 Ok\r\n");
  }
}

TEST(SmtpSession, GivesUpOnAnEndlessLine) {
  for (std::size_t piece : {0, 4096}) {
    world w;
    w.heard();
    w.send(std::string(300'000, 'x'), piece);
    EXPECT_EQ(w.heard(), "500 5.5.2 Line too long\r\n");
    EXPECT_TRUE(w.is_closed);
  }
}

TEST(SmtpSession, SlowsDownAndThenEndsWhoErrs) { // RFC 5321 §7.3 and §7.8
  world w;
  w.ask("EHLO a\r\nMAIL FROM:<x@y.test>\r\n");
  for (int i = 1; i < 20; ++i) { // a dictionary of names
    EXPECT_EQ(w.ask("RCPT TO:<u" + std::to_string(i) + "@here.test>\r\n"),
              "550 5.1.1 No such mailbox\r\n");
    EXPECT_EQ(count<rest>(w), i <= 10 ? 0 : i - 10);
  }
  EXPECT_EQ(w.ask("RCPT TO:<u@here.test>\r\nNOOP\r\n"),
            "550 5.1.1 No such mailbox\r\n421 4.7.0 Too many errors\r\n");
  EXPECT_TRUE(w.is_closed);
  EXPECT_EQ(w.fault, "");
}

TEST(SmtpSession, SaysNothingAndReadsNothingWhileItRests) {
  world w;
  for (int i = 0; i < 10; ++i)
    w.ask("X\r\n");
  w.holds = true;
  EXPECT_EQ(w.ask("X\r\nNOOP\r\n"), "");
  EXPECT_TRUE(w.s.is_waiting());
  w.holds = false;
  w.answer_held();
  EXPECT_EQ(w.heard(), "500 5.5.2 Command not recognized\r\n250 2.0.0 Ok\r\n");
}

TEST(SmtpSession, HoldsNeitherOurTroublesNorOldErrorsAgainstAClient) {
  world w;
  w.judge_rcpt = [](auto&) { return reply{451, "4.3.0 Try again later"}; };
  w.ask("EHLO a\r\nMAIL FROM:<x@y.test>\r\n");
  for (int i = 0; i < 50; ++i)
    EXPECT_EQ(w.ask("RCPT TO:<bob@here.test>\r\n"), "451 4.3.0 Try again later\r\n");
  w.judge_rcpt = {};
  for (int i = 0; i < 3; ++i) {
    for (int n = 0; n < 9; ++n)
      w.ask("X\r\n");
    EXPECT_EQ(w.mail("a\r\n"), "250 2.0.0 Ok: queued\r\n");
  }
  EXPECT_EQ(count<rest>(w), 0);
}

TEST(SmtpSession, EndsWhoDoesNothing) {
  auto s = world::port_25();
  s.rules.max_idle_commands = 10;
  const char* lines[] = {"NOOP\r\n",   "RSET\r\n", "VRFY a\r\n",
                         "EXPN a\r\n", "HELP\r\n", "EHLO a\r\n"};
  for (auto line : lines) {
    world w{s};
    for (int i = 0; i < 10; ++i)
      w.ask(line);
    EXPECT_FALSE(w.is_closed);
    EXPECT_EQ(w.ask(line), "421 4.7.0 Too many commands without a message\r\n");
    EXPECT_TRUE(w.is_closed);
  }
  world w{s};
  for (int i = 0; i < 5; ++i) { // one EHLO each
    EXPECT_EQ(w.mail("a\r\n"), "250 2.0.0 Ok: queued\r\n");
    w.ask("NOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\n");
  }
  EXPECT_FALSE(w.is_closed);
}

TEST(SmtpSession, EndsAfterSoManyMessages) { // RFC 9422 §4.1
  auto s = world::port_25();
  s.rules.max_transactions = 2;
  world w{s};
  EXPECT_EQ(w.mail("a\r\n"), "250 2.0.0 Ok: queued\r\n");
  EXPECT_EQ(w.mail("a\r\n"), "250 2.0.0 Ok: queued\r\n");
  EXPECT_EQ(w.ask("MAIL FROM:<x@y.test>\r\n"), "421 4.7.0 Too many messages, connect again\r\n");
  EXPECT_TRUE(w.is_closed);
}

TEST(SmtpSession, EndsWhenABrowserSpeaks) {
  for (auto verb :
       {"GET / HTTP/1.1", "POST /", "CONNECT a:25 HTTP/1.0", "PUT /x", "HEAD /", "OPTIONS *"}) {
    world w;
    w.heard();
    EXPECT_EQ(w.ask(verb + "\r\nHost: x\r\n\r\nMAIL FROM:<a@b.test>\r\n"s),
              "521 5.5.1 This is a mail server\r\n");
    EXPECT_TRUE(w.is_closed);
  }
}

TEST(SmtpSession, TellsWhenTheClientHasSeenThatAMessageIsAccepted) { // RFC 1047 §2
  world w;
  w.mail("a\r\n");
  EXPECT_EQ(count<confirmed>(w), 0);
  w.send("Q");
  EXPECT_EQ(count<confirmed>(w), 1);
  w.send("UIT\r\n");
  EXPECT_EQ(count<confirmed>(w), 1);
  world refused;
  refused.verdict = {451, "4.3.0 Try again later"};
  refused.mail("a\r\n");
  refused.send("QUIT\r\n");
  EXPECT_EQ(count<confirmed>(refused), 0);
}

TEST(SmtpSession, AnswersWhatItOwesBeforeItShutsDown) { // RFC 5321 §3.8
  world idle;
  idle.heard();
  idle.shut_down();
  EXPECT_EQ(idle.heard(), "421 4.3.2 mail.here.test is shutting down\r\n");
  EXPECT_TRUE(idle.is_closed);

  world busy;
  busy.up_to_text();
  busy.shut_down();
  EXPECT_EQ(busy.ask("x\r\n"), "");
  busy.holds = true;
  EXPECT_EQ(busy.ask(".\r\nNOOP\r\n"), "");
  busy.shut_down();
  EXPECT_EQ(busy.heard(), "");
  busy.answer_held();
  EXPECT_EQ(busy.heard(), "250 2.0.0 Ok: queued\r\n421 4.3.2 mail.here.test is shutting down\r\n");
  EXPECT_EQ(busy.fault, "");
}

TEST(SmtpSession, EndsWhenTheClientIsSilent) { // RFC 5321 §4.5.3.2
  world w;
  w.up_to_text();
  w.send("Subject: x\r\n" + std::string(100'000, 'x'));
  w.time_out();
  EXPECT_EQ(w.heard(), "421 4.4.2 mail.here.test has waited too long\r\n");
  EXPECT_EQ(count<discard>(w), 1);
  EXPECT_TRUE(w.is_closed);
  EXPECT_EQ(w.fault, "");

  world waiting; // the client is not to blame
  waiting.up_to_text();
  waiting.holds = true;
  waiting.send("x\r\n.\r\n");
  waiting.time_out();
  EXPECT_EQ(waiting.heard(), "");
  EXPECT_FALSE(waiting.is_closed);
}

TEST(SmtpSession, IgnoresAnswersThatComeTooLate) {
  world w;
  w.holds = true;
  w.send("EHLO a\r\nMAIL FROM:<x@y.test>\r\nRCPT TO:<bob@here.test>\r\n");
  w.holds = false;
  w.answer_held();
  w.heard();
  w.act([&](effects& out) {
    w.s.on_rcpt({250, "2.1.5 Ok"}, out);
    w.s.on_accepted({250, "2.0.0 Ok"}, out);
    w.s.on_stored({250, "2.0.0 Ok"}, out);
    w.s.on_names({250, "2.0.0 Ok"}, out);
    w.s.on_auth({}, out);
    w.s.on_rested(out);
    EXPECT_TRUE(out.empty());
  });
}

TEST(SmtpSession, HearsTheSameHoweverItIsCut) {
  std::string text =
    "EHLO a\r\nMAIL FROM:<x@y.test> BODY=8BITMIME SIZE=100\r\n"
    "RCPT TO:<bob@here.test> NOTIFY=NEVER\r\nRCPT TO:<no@here.test>\r\n"
    "BDAT 7\r\nSubjectBDAT 8\r\n: x\r\n\r\n.BDAT 5 LAST\r\n\r\n\xff\r\n"
    "XYZZY\nNOOP\r\nMAIL FROM:<>\r\nRCPT TO:<postmaster>\r\nRSET\r\nBDAT 3\r\nabcNOOP\r\n";
  world whole;
  whole.send(text);
  ASSERT_EQ(whole.accepted.size(), 1);
  EXPECT_EQ(whole.accepted[0].text, "Subject: x\r\n\r\n.\r\n\xff\r\n");
  auto heard = whole.heard();
  for (std::size_t piece = 1; piece < 40; ++piece) {
    world w;
    w.send(text, piece);
    EXPECT_EQ(w.heard(), heard) << piece;
    ASSERT_EQ(w.accepted.size(), 1);
    EXPECT_EQ(w.accepted[0].text, whole.accepted[0].text);
    EXPECT_EQ(w.fault, "");
  }
}

} // namespace hamlet::smtp
