// SPDX-License-Identifier: Apache-2.0
#include "tests/gateway/pop3/pop3_world.hpp"

#include <gtest/gtest.h>

namespace hamlet::pop3 {

using namespace std::string_literals;

namespace {

world::setup secured() {
  world::setup x;
  x.line.is_tls = true;
  return x;
}

constexpr std::string_view log_in_first = "-ERR log in first: USER, APOP or AUTH\r\n";
constexpr std::string_view line_ends = "-ERR only CR LF ends a line, and neither stands alone\r\n";
constexpr std::string_view too_long = "-ERR the line is too long\r\n";

struct Session : testing::Test {
  Session() { w.heard(); }
  world w{secured()};
};

} // namespace

TEST_F(Session, AnswersPipelinedCommandsInOrder) { // RFC 2449 §6.6
  w.add("A: 1\r\n\r\n");
  EXPECT_EQ(w.ask("USER alice\r\nPASS secret\r\nSTAT\r\nLIST\r\nRETR 1\r\nDELE 1\r\nQUIT\r\n"),
            "+OK now the password\r\n"
            "+OK 1 message (8 octets)\r\n"
            "+OK 1 8\r\n"
            "+OK 1 message (8 octets)\r\n1 8\r\n.\r\n"
            "+OK 8 octets\r\nA: 1\r\n\r\n.\r\n"
            "+OK message 1 deleted\r\n"
            "+OK good bye\r\n");
  EXPECT_EQ(w.deleted, std::vector<std::int64_t>{1});
}

TEST_F(Session, SaysTheSameHoweverItsInputIsSplit) {
  const auto dialogue =
    "CAPA\r\nLANG vi\r\nLANG en\r\nNONSENSE\r\nST\nAT\r\n" + std::string(300, 'x')
    + "\r\nAUTH PLAIN\r\n*\r\nAUTH PLAIN\r\nAGFsaWNlAHdyb25n\r\n"
      "USER alice\r\nPASS secret\r\nSTAT\r\nLIST\r\nUIDL\r\nRETR 1\r\nTOP 1 1\r\n"
      "DELE 1\r\nRETR 1\r\nR\rETR 2\r\nLAST\r\nRSET\r\nDELE 2\r\nQUIT\r\nNOOP\r\n";
  auto played = [&](std::size_t piece) {
    world x{secured()};
    x.add("A: 1\r\n\r\n.one\r\ntwo\r\n");
    x.add("B: 2\r\n\r\n");
    x.send(dialogue, piece);
    EXPECT_EQ(x.deleted, std::vector<std::int64_t>{2}) << piece;
    return x.heard();
  };
  auto whole = played(0);
  EXPECT_TRUE(whole.ends_with("+OK good bye\r\n")) << whole;
  for (std::size_t piece = 1; piece < 50; ++piece)
    EXPECT_EQ(played(piece), whole) << piece;
}

TEST_F(Session, SaysTheSameWhereverItsInputIsSplit) {
  const auto dialogue = "USER alice\r\nPASS secret\r\nTOP 1 1\r\nLI\nST\r\nQUIT\r\n"s;
  auto played = [&](std::size_t at) {
    world x{secured()};
    x.add("A: 1\r\n\r\n.one\r\ntwo\r\n");
    x.send(dialogue.substr(0, at));
    x.send(dialogue.substr(at));
    return x.heard();
  };
  auto whole = played(dialogue.size());
  for (std::size_t at = 0; at < dialogue.size(); ++at)
    EXPECT_EQ(played(at), whole) << at;
}

TEST_F(Session, RefusesWhatIsOutOfPlace) { // RFC 1939 §3
  for (auto line : {"STAT", "LIST", "UIDL", "RETR 1", "TOP 1 0", "DELE 1", "NOOP", "RSET", "LAST"})
    EXPECT_EQ(w.ask(std::string{line} + "\r\n"), log_in_first) << line;
  w.log_in();
  for (auto line : {"USER alice", "PASS secret", "APOP a b", "AUTH", "STLS", "UTF8"})
    EXPECT_EQ(w.ask(std::string{line} + "\r\n"), "-ERR you are logged in already\r\n") << line;
}

TEST_F(Session, RefusesWhatItDoesNotKnow) { // RFC 1939 §3
  for (auto line : {"", " ", "XYZZY", "STATS", "STA", "LISTX 1", " STAT", "GET / HTTP/1.1"})
    EXPECT_EQ(w.ask(std::string{line} + "\r\n"), "-ERR unknown command\r\n") << line;
}

TEST_F(Session, RefusesBareLineEnds) { // RFC 1939 §3
  EXPECT_EQ(w.ask("CAPA\nQUIT\r\n"), line_ends);
  EXPECT_EQ(w.ask("CAPA\rQUIT\r\n"), line_ends);
  EXPECT_EQ(w.ask("CAPA\n"), line_ends); // at once: such a client sends nothing better
  EXPECT_EQ(w.ask("\r\nSTAT\r\n"), log_in_first);
  EXPECT_FALSE(w.is_closed);
}

TEST_F(Session, RefusesControlAndEightBitCharacters) { // RFC 1939 §3
  for (auto& line : {"CA\0PA"s, "CAPA\x7f"s, "\tCAPA"s, "USER a\0b"s, "PASS \x1b"s})
    EXPECT_EQ(w.ask(line + "\r\n"), "-ERR only printable characters are allowed\r\n");
  constexpr std::string_view ascii =
    "-ERR only ASCII is allowed here, or valid UTF-8 after UTF8\r\n";
  EXPECT_EQ(w.ask("LANG tiếng\r\n"), ascii);
  w.ask("UTF8\r\n");
  EXPECT_EQ(w.ask("LANG tiếng\r\n"), "-ERR no such language, LANG lists them\r\n");
  EXPECT_EQ(w.ask("LANG \xff\r\n"), ascii);
}

TEST_F(Session, TakesCommandsOf255Octets) { // RFC 2449 §4
  auto longest = "USER " + std::string(255 - 2 - 5, 'n') + "\r\n";
  ASSERT_EQ(longest.size(), 255u);
  EXPECT_EQ(w.ask(longest), "+OK now the password\r\n");
  EXPECT_EQ(w.ask("x" + longest + "STAT\r\n"), std::string{too_long} + std::string{log_in_first});
}

TEST_F(Session, AnswersAnOverlongLineOnceAndAnEndlessOneNoMore) {
  EXPECT_EQ(w.ask(std::string(10'000, 'x')), too_long);
  EXPECT_EQ(w.ask(std::string(10'000, 'x')), "");
  EXPECT_EQ(w.ask("\r\nSTAT\r\n"), log_in_first);
  EXPECT_EQ(w.ask(std::string(100'000, 'x')), too_long);
  EXPECT_TRUE(w.is_closed);
}

TEST_F(Session, SendsAwayAClientThatMakesTooManyErrors) {
  for (int i = 0; i < 9; ++i)
    EXPECT_EQ(w.ask("GET / HTTP/1.1\r\n"), "-ERR unknown command\r\n");
  EXPECT_EQ(w.ask("Host: x\r\nQUIT\r\n"), "-ERR too many errors, good bye\r\n");
  EXPECT_TRUE(w.is_closed);
}

TEST_F(Session, KeepsPasswordsOutOfEverythingButTheQuestion) {
  w.passwords["alice"] = "hunter2hunter2";
  w.holds = true;
  auto heard = w.ask("USER alice\r\nPASS hunter2hunter2\r\n");
  EXPECT_EQ(heard.find("hunter2"), heard.npos);
  ASSERT_EQ(w.log.size(), 1u);
  auto& q = std::get<sasl::check_password>(std::get<ask_auth>(w.log[0]).what);
  EXPECT_EQ(q.authcid, "alice");
  EXPECT_EQ(q.password, "hunter2hunter2");
}

TEST_F(Session, ConsumesNoInputWhileAQuestionIsOpen) {
  w.holds = true;
  EXPECT_EQ(w.ask("USER alice\r\nPASS wrong\r\nQUIT\r\n"), "+OK now the password\r\n");
  EXPECT_TRUE(w.s.is_waiting());
  w.holds = false;
  w.answer_held();
  EXPECT_EQ(w.heard(), "-ERR [AUTH] wrong name or password\r\n+OK good bye\r\n");
}

TEST_F(Session, OwesNoAnswerWhenItStops) {
  w.holds = true;
  w.ask("USER alice\r\nPASS secret\r\nSTAT\r\n");
  w.shut_down();
  EXPECT_EQ(w.heard(), "");
  EXPECT_FALSE(w.is_closed);
  w.holds = false;
  w.answer_held();
  EXPECT_EQ(w.heard(), "-ERR [SYS/TEMP] the server is going down, come back soon\r\n");
  EXPECT_TRUE(w.is_closed);
  EXPECT_FALSE(w.is_open);
}

TEST_F(Session, StopsInTheMiddleOfAnExchange) {
  w.ask("AUTH PLAIN\r\n");
  w.shut_down();
  EXPECT_EQ(w.heard(), "-ERR [SYS/TEMP] the server is going down, come back soon\r\n");
  EXPECT_TRUE(w.is_closed);
}

TEST_F(Session, IgnoresAnswersToNoQuestion) {
  w.act([&](effects& out) {
    w.s.on_auth({auth::verdict::right, {42, "a", {}, false}, {}, {}}, out);
    w.s.on_part("x", out);
    w.s.on_updated(true, out);
    w.s.on_written(out);
    w.s.on_opened({}, out);
  });
  EXPECT_EQ(w.heard(), "");
  EXPECT_EQ(w.ask("STAT\r\n"), log_in_first);
}

TEST_F(Session, MayBeMoved) {
  session other{std::move(w.s)};
  effects out;
  other.feed("QUIT\r\n", out);
  EXPECT_EQ(std::get<write>(out.at(0)).bytes, "+OK good bye\r\n");
}

} // namespace hamlet::pop3
