// SPDX-License-Identifier: Apache-2.0
#include "tests/gateway/smtp/smtp_world.hpp"

#include <gtest/gtest.h>

using namespace std::string_literals;

namespace hamlet::smtp {

namespace {

const std::string to_bob = "EHLO a\r\nMAIL FROM:<x@y.test>\r\nRCPT TO:<bob@here.test>\r\n";
const std::string to_bob_in_binary =
  "EHLO a\r\nMAIL FROM:<x@y.test> BODY=BINARYMIME\r\nRCPT TO:<bob@here.test>\r\n";
const std::string queued = "250 2.0.0 Ok: queued\r\n";
const std::string wrong_order = "503 5.5.1 Bad sequence of commands\r\n";

std::string chunk(std::string_view text, bool is_last = false) {
  return "BDAT " + std::to_string(text.size()) + (is_last ? " LAST" : "") + "\r\n"
         + std::string{text};
}

} // namespace

TEST(SmtpData, DeliversTheTextAsItWasMeant) { // RFC 5321 §4.5.2
  world w;
  EXPECT_EQ(w.mail("Received: x\r\nSubject: y\r\n\r\n..\r\nd\xc3\xb6mi\r\n"), queued);
  ASSERT_EQ(w.accepted.size(), 1);
  auto& mail = w.accepted[0];
  EXPECT_EQ(mail.text, "Received: x\r\nSubject: y\r\n\r\n.\r\nd\xc3\xb6mi\r\n");
  EXPECT_EQ(mail.facts.received, 1);
  EXPECT_TRUE(mail.is_8bit);
  EXPECT_FALSE(mail.is_binary);
  EXPECT_EQ(w.mail(""), queued);
  EXPECT_EQ(w.accepted.at(1).text, "");
  EXPECT_FALSE(w.accepted[1].is_8bit);
}

TEST(SmtpData, ClearsItsBuffersWhateverTheAnswerIs) { // RFC 5321 §4.1.1.4
  for (reply verdict : {reply{250, "2.0.0 Ok: queued"}, reply{451, "4.3.0 Try again later"},
                        reply{550, "5.7.1 No"}}) {
    world w;
    w.verdict = verdict;
    EXPECT_EQ(w.mail("x\r\n"), std::to_string(verdict.code) + " " + verdict.text + "\r\n");
    EXPECT_EQ(w.ask("DATA\r\n"), wrong_order);
    EXPECT_EQ(w.ask("RCPT TO:<bob@here.test>\r\n"), wrong_order);
    EXPECT_EQ(w.ask("MAIL FROM:<x@y.test>\r\n"), "250 2.1.0 Ok\r\n");
    EXPECT_EQ(w.fault, "");
  }
}

// RFC 5321 §2.3.8: a second message hidden in a text must not appear.
TEST(SmtpData, LetsNoMessageBeSmuggledInAnother) {
  const std::string ends[] = {"\n.\n"s,       "\r.\r"s,       "\r.\n"s,       "\n.\r"s,
                              "\n.\r\n"s,     "\r\n.\n"s,     "\r.\r\n"s,     "\r\n.\r"s,
                              "\r\n\0.\r\n"s, "\r\n.\0\r\n"s, "\r\n.\r\r\n"s, "\r\r\n.\r\r\n"s};
  for (auto& end : ends) {
    auto text = "Subject: x\r\n\r\nx" + end
                + "MAIL FROM:<admin@here.test>\r\nRCPT TO:<alice@here.test>\r\nDATA\r\n"
                  "Subject: smuggled\r\n\r\nevil\r\n.\r\n";
    for (std::size_t piece : {0, 1, 2, 3, 7}) {
      world w;
      w.up_to_text();
      w.send(text, piece);
      auto heard = w.heard();
      EXPECT_TRUE(heard.starts_with("550 5.6.")) << heard;
      EXPECT_EQ(heard.find("\r\n"), heard.size() - 2) << "one reply: " << heard;
      EXPECT_TRUE(w.accepted.empty());
      EXPECT_EQ(w.ask("NOOP\r\n"), "250 2.0.0 Ok\r\n"); // in step
      EXPECT_EQ(w.fault, "");
    }
  }
}

TEST(SmtpData, SaysWhatIsWrongWithTheText) {
  const std::pair<std::string, std::string> table[] = {
    {"a\nb\r\n", "550 5.6.11 Bare CR or LF in the text\r\n"},
    {"a\rb\r\n", "550 5.6.11 Bare CR or LF in the text\r\n"},
    {"a\0b\r\n"s, "550 5.6.0 NUL in the text\r\n"},
  };
  for (auto& [text, reply] : table) {
    world w;
    EXPECT_EQ(w.mail(text), reply);
  }
  auto old = world::port_25();
  old.rules.stray = bare_newline::normalise;
  world w{old};
  EXPECT_EQ(w.mail("a\nb\rc\n.\nd\r\n"), queued);
  EXPECT_EQ(w.accepted.at(0).text, "a\r\nb\r\nc\r\n.\r\nd\r\n");
}

TEST(SmtpData, RefusesTooManyHops) { // RFC 5321 §6.3
  for (int hops : {49, 50, 51}) {
    world w;
    std::string text;
    for (int i = 0; i < hops; ++i)
      text += "Received: by x\r\n";
    EXPECT_EQ(w.mail(text + "\r\n"), hops > 50 ? "554 5.4.6 Too many hops\r\n" : queued);
  }
}

TEST(SmtpData, RefusesAMessageThatGrowsTooBig) { // RFC 1870 §6.3
  auto s = world::port_25();
  s.rules.max_message = 300'000;
  std::string line(98, 'x');
  line += "\r\n";
  for (int lines : {3000, 3001}) {
    world w{s};
    w.up_to_text();
    for (int i = 0; i < lines; ++i)
      w.send(line);
    EXPECT_EQ(w.ask(".\r\nNOOP\r\n"),
              (lines == 3000 ? queued : "552 5.3.4 Message too big\r\n") + "250 2.0.0 Ok\r\n");
    EXPECT_EQ(count<discard>(w), lines == 3000 ? 0 : 1);
    EXPECT_EQ(w.accepted.size(), lines == 3000 ? 1 : 0);
    EXPECT_EQ(w.fault, "");
  }
}

TEST(SmtpData, HandsPiecesOnAndWaitsWhileTheyAreStored) {
  std::string text = "Subject: x\r\n\r\n";
  while (text.size() < 300'000)
    text += "a line of a long message, of which there are many\r\n";
  for (std::size_t piece : {0, 1000, 65'536}) {
    world w;
    w.up_to_text();
    w.send(text + ".\r\nNOOP\r\n", piece);
    EXPECT_EQ(w.heard(), queued + "250 2.0.0 Ok\r\n");
    ASSERT_EQ(w.accepted.size(), 1);
    EXPECT_EQ(w.accepted[0].text, text);
    EXPECT_EQ(w.bodies, 5);
    EXPECT_LE(w.largest_body, 64u << 10);
    EXPECT_EQ(w.fault, "");
  }
  world slow;
  slow.up_to_text();
  slow.holds = true;
  slow.send(text + ".\r\n");
  EXPECT_TRUE(slow.s.is_waiting());
  EXPECT_EQ(slow.bodies, 2); // the first needs no answer
  for (int i = 0; i < 5; ++i)
    slow.answer_held();
  EXPECT_EQ(slow.heard(), queued);
  EXPECT_EQ(slow.fault, "");
}

TEST(SmtpData, SaysAtTheEndThatTheStoreFailed) {
  world w;
  w.up_to_text();
  w.stored = {452, "4.3.1 No space"};
  EXPECT_EQ(w.ask("Subject: x\r\n\r\n" + std::string(300'000, 'x') + "\r\n"), "");
  EXPECT_EQ(w.ask(".\r\n"), "452 4.3.1 No space\r\n");
  EXPECT_EQ(count<discard>(w), 1);
  EXPECT_EQ(w.bodies, 2);
  EXPECT_EQ(w.fault, "");
}

TEST(SmtpData, CannotBeUsedForBinary) { // RFC 3030 §3
  world w;
  w.ask(to_bob_in_binary);
  EXPECT_EQ(w.ask("DATA\r\n"), wrong_order);
}

TEST(SmtpBdat, JoinsChunks) { // RFC 3030 §2
  world w;
  w.ask(to_bob);
  EXPECT_EQ(w.ask(chunk("Subject: x\r\n\r\n.\r")), "250 2.0.0 16 octets received\r\n");
  EXPECT_EQ(w.ask("NOOP\r\nVRFY x\r\n"),
            "250 2.0.0 Ok\r\n252 2.0.0 Cannot say; mail will be tried\r\n");
  EXPECT_EQ(w.ask(chunk("\n..\r\nend", true)), queued);
  EXPECT_EQ(w.accepted.at(0).text, "Subject: x\r\n\r\n.\r\n..\r\nend\r\n");
  EXPECT_FALSE(w.accepted[0].is_binary);
}

TEST(SmtpBdat, MayEndInAnEmptyChunk) { // RFC 3030 §2
  world w;
  w.ask(to_bob);
  EXPECT_EQ(w.ask(chunk("a\r\n") + "BDAT 0 LAST\r\n"), "250 2.0.0 3 octets received\r\n" + queued);
  EXPECT_EQ(w.accepted.at(0).text, "a\r\n");
  w.ask(to_bob);
  EXPECT_EQ(w.ask("BDAT 0 last\r\n"), queued);
  EXPECT_EQ(w.accepted.at(1).text, "");
}

TEST(SmtpBdat, ReadsAndThrowsAwayWhatIsOutOfSequence) { // RFC 3030 §2
  auto evil = "MAIL FROM:<evil@y.test>\r\nQUIT\r\n"s;
  struct {
    std::string before, reply;
  } table[] = {
    {"", wrong_order},
    {"EHLO a\r\n", wrong_order},
    {"EHLO a\r\nMAIL FROM:<x@y.test>\r\n", "554 5.5.1 No valid recipients\r\n"},
    {"HELO a\r\nMAIL FROM:<x@y.test>\r\nRCPT TO:<bob@here.test>\r\n", wrong_order},
    {to_bob + chunk("a\r\n", true), wrong_order},
    {to_bob + chunk("a\r\n") + "RSET\r\n", wrong_order},
  };
  for (auto& [before, reply] : table) {
    world w;
    w.send(before);
    w.heard();
    EXPECT_EQ(w.ask(chunk(evil) + "NOOP\r\n"), reply + "250 2.0.0 Ok\r\n") << before;
    EXPECT_FALSE(w.is_closed);
    EXPECT_EQ(w.fault, "");
  }
}

TEST(SmtpBdat, IsNotMixedWithData) { // RFC 3030 §2
  world w;
  w.ask(to_bob + chunk("a\r\n"));
  EXPECT_EQ(w.ask("DATA\r\n"), wrong_order);
  EXPECT_EQ(w.ask("MAIL FROM:<x@y.test>\r\n"), "503 5.5.1 One message at a time\r\n");
  EXPECT_EQ(w.ask("RCPT TO:<alice@here.test>\r\n"), wrong_order);
  EXPECT_EQ(w.ask(chunk("b\r\n", true)), queued);
  EXPECT_EQ(w.accepted.at(0).text, "a\r\nb\r\n");
}

TEST(SmtpBdat, EndsTheConnectionWhenNobodyKnowsHowMuchFollows) {
  for (auto arg : {"", "x", "-1", "1x", "1 FIRST", "1 LAST LAST", "99999999999999999999999"}) {
    world w;
    w.ask(to_bob);
    EXPECT_EQ(w.ask("BDAT "s + arg + "\r\nNOOP\r\n"), "501 5.5.4 Syntax: BDAT octets [LAST]\r\n");
    EXPECT_TRUE(w.is_closed);
  }
}

TEST(SmtpBdat, EndsTheTransactionWithTheFirstRefusal) { // RFC 3030 §2
  world w;
  w.ask(to_bob);
  auto large = std::string(100'000, 'x');
  EXPECT_EQ(w.ask(chunk(large) + chunk("a\nb") + chunk("c\r\n", true) + "NOOP\r\n"),
            "250 2.0.0 100000 octets received\r\n550 5.6.11 Bare CR or LF in the text\r\n"
              + wrong_order + "250 2.0.0 Ok\r\n");
  EXPECT_EQ(count<discard>(w), 1);
  EXPECT_TRUE(w.accepted.empty());
  EXPECT_EQ(w.fault, "");
}

TEST(SmtpBdat, RefusesABareNewlineSmuggledInAChunk) { // RFC 5321 §2.3.8
  for (auto text : {"a\n.\nMAIL FROM:<x@y.test>\r\n"s, "a\r\n.\nb\r\n"s, "a\r"s}) {
    world w;
    w.ask(to_bob);
    EXPECT_EQ(w.ask(chunk(text, true)), "550 5.6.11 Bare CR or LF in the text\r\n");
    EXPECT_TRUE(w.accepted.empty());
  }
}

TEST(SmtpBdat, MeasuresWhileItReads) { // RFC 1870 §6.3
  auto s = world::port_25();
  s.rules.max_message = 10;
  world w{s};
  w.ask(to_bob);
  EXPECT_EQ(w.ask(chunk("01234567") + chunk("89")), "250 2.0.0 8 octets received\r\n"
                                                    "250 2.0.0 2 octets received\r\n");
  EXPECT_EQ(w.ask(chunk("x")), "552 5.3.4 Message too big\r\n");
  w.ask(to_bob);
  EXPECT_EQ(w.ask("BDAT 18446744073709551615\r\n"), "");
  EXPECT_EQ(w.ask(std::string(1'000'000, 'x')), "");
  EXPECT_EQ(w.bodies, 0);
}

TEST(SmtpBdat, CarriesBinary) { // RFC 3030 §3
  const std::string body = "s: a\r\n\r\n\0\n\r\n.\r\n\r\xff"s;
  for (std::size_t piece : {0, 1, 3}) {
    world w;
    w.ask(to_bob_in_binary);
    w.send(chunk(body, true), piece);
    EXPECT_EQ(w.heard(), queued);
    ASSERT_EQ(w.accepted.size(), 1);
    EXPECT_EQ(w.accepted[0].text, body);
    EXPECT_TRUE(w.accepted[0].is_binary);
    EXPECT_TRUE(w.accepted[0].is_8bit);
  }
  world w;
  w.ask(to_bob_in_binary);
  EXPECT_EQ(w.ask(chunk("s: a\r\n\r\nb\r\n", true)), queued);
  EXPECT_FALSE(w.accepted.at(0).is_binary);
}

TEST(SmtpBdat, CannotBeKeptUpForEver) {
  auto s = world::port_25();
  s.rules.max_idle_commands = 10;
  world w{s};
  w.ask(to_bob);
  for (int i = 0; i < 100 && !w.is_closed; ++i)
    w.ask("BDAT 0\r\n");
  EXPECT_TRUE(w.is_closed);
}

TEST(SmtpBdat, FinishesItsChunkBeforeItShutsDown) { // RFC 5321 §3.8
  world w;
  w.ask(to_bob);
  w.ask("BDAT 10\r\n01234");
  w.shut_down();
  EXPECT_EQ(w.heard(), "");
  EXPECT_EQ(w.ask("56789"),
            "250 2.0.0 10 octets received\r\n421 4.3.2 mail.here.test is shutting down\r\n");
  EXPECT_TRUE(w.is_closed);
  EXPECT_EQ(w.fault, "");
}

} // namespace hamlet::smtp
