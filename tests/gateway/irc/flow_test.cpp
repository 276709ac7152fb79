// SPDX-License-Identifier: Apache-2.0
#include "tests/gateway/irc/irc_world.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace hamlet::irc {
namespace {

using namespace std::chrono_literals;
using strings = std::vector<std::string>;

irc_world::setup limited() {
  irc_world::setup s;
  s.is_exempt = false;
  s.lag = {.burst = 5, .rate = 2, .window = 1000ms};
  return s;
}

std::size_t said_count(irc_world& w) {
  return static_cast<std::size_t>(
    std::ranges::count_if(w.asked, [](auto& x) { return x.has_say(); }));
}

// -- too much at once -----------------------------------------------------------------------------

TEST(Fakelag, DelaysAFastClientAndLosesNothing) { // RFC 1459 §8.10
  irc_world w{limited()};
  w.enter();
  w.pass(1min);
  std::string bytes;
  for (int i = 0; i < 200; ++i)
    bytes += "PRIVMSG #c :" + std::to_string(i) + "\r\n";
  w.feed(bytes + "PING end\r\n");
  EXPECT_EQ(said_count(w), 5u); // the burst
  EXPECT_TRUE(w.is_waiting());  // and nothing more is read
  EXPECT_EQ(joined(w.heard()), "");
  w.pass(1s);
  EXPECT_EQ(said_count(w), 7u);
  w.pass(10s);
  EXPECT_EQ(said_count(w), 27u);
  w.pass(100s);
  EXPECT_EQ(said_count(w), 200u);
  EXPECT_EQ(w.heard().back(), ":irc.example PONG irc.example :end"); // in its order
  for (int i = 0; i < 200; ++i)
    EXPECT_EQ(w.asked[static_cast<std::size_t>(i)].say().message().text(), std::to_string(i));
}

TEST(Fakelag, LetsPingThroughWhenNothingIsBeforeIt) {
  irc_world w{limited()};
  w.enter();
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(w.ask("PING x").size(), 1u);
}

TEST(Fakelag, TakesMoreForWhatIsDear) { // chat_limits.heavy_cost
  auto s = limited();
  s.settings.chat_limits.heavy_cost.value = 4;
  irc_world w{s};
  w.enter();
  w.pass(1min);
  EXPECT_EQ(w.ask("WHO ann\nPING x").size(), 2u); // 4 of 5
  EXPECT_EQ(w.ask("VERSION").size() > 0, true);   // the fifth
  EXPECT_EQ(w.ask("VERSION").size(), 0u);
  w.pass(500ms);
  EXPECT_GT(w.heard().size(), 0u);
}

TEST(Fakelag, IsLightOnWhoAsksWhoIsOnAChannel) { // as clients do at each JOIN
  irc_world w{limited()};
  w.enter();
  w.pass(1min);
  EXPECT_EQ(w.ask("WHO #a\nWHO #b\nWHO #c\nWHO #d\nWHO #e\nWHO #f").size(), 5u); // ends of lists
}

TEST(Fakelag, LetsTheEndOfABatchPayForItsLines) { // draft/multiline, Server considerations
  irc_world w{limited()};
  w.enter("me", "batch draft/multiline");
  w.pass(1min);
  std::string lines = "BATCH +1 draft/multiline #c";
  for (int i = 0; i < 40; ++i)
    lines += "\n@batch=1 PRIVMSG #c :" + std::to_string(i);
  w.send(lines + "\nBATCH -1");
  ASSERT_EQ(said_count(w), 1u); // at once
  w.send("PRIVMSG #c :next");
  w.pass(3500ms);
  EXPECT_EQ(said_count(w), 1u);
  w.pass(1s);
  EXPECT_EQ(said_count(w), 2u);
}

TEST(Fakelag, IsNotDodgedByTheTagOfABatch) {
  irc_world w{limited()};
  w.enter("me", "batch draft/multiline");
  w.pass(1min);
  w.send("BATCH +1 draft/multiline #c");
  for (int i = 0; i < 20; ++i)
    w.send("@batch=1 VERSION");
  EXPECT_TRUE(w.is_waiting());
}

TEST(Fakelag, CountsTargetsAndChannels) {
  irc_world w{limited()};
  w.put(irc_world::person(2, "ann"));
  w.put(irc_world::person(3, "bob"));
  w.enter();
  w.pass(1min);
  w.send("PRIVMSG #a,#b,#c,#d :x"); // four
  w.send("PRIVMSG #a :x");
  EXPECT_FALSE(w.is_waiting());
  w.send("PRIVMSG #a :x");
  EXPECT_TRUE(w.is_waiting());
}

TEST(Fakelag, IsNotForOperatorsWhoNeedNone) {
  irc_world w{limited()};
  w.enter();
  w.pass(1min);
  w.become_operator({"exempt"});
  w.pass(1min);
  for (int i = 0; i < 50; ++i)
    w.send("PRIVMSG #c :x");
  EXPECT_EQ(said_count(w), 50u);
}

TEST(ReceiveQueue, EndsAClientThatSendsWithoutEnd) { // RFC 2812 §2.3
  irc_world w;
  w.enter();
  for (int i = 0; i < 1000 && !w.is_closed; ++i)
    w.feed(std::string(1000, 'x'));
  EXPECT_TRUE(w.is_closed);
  EXPECT_EQ(joined(w.heard()), ":irc.example 417 me :Input line was too long\n"
                               "ERROR :Closing link: (192.0.2.7) [RecvQ exceeded]");
}

TEST(ReceiveQueue, BoundsWhatWaitsForAnAnswer) {
  irc_world w;
  w.enter();
  w.holds = true;
  w.send("TOPIC #c");
  for (int i = 0; i < 1000 && !w.is_closed; ++i)
    w.feed("PING " + std::string(100, 'x') + "\r\n");
  EXPECT_TRUE(w.is_closed);
  EXPECT_EQ(w.heard().back(), "ERROR :Closing link: (192.0.2.7) [RecvQ exceeded]");
}

TEST(Lines, MayBeOfSoManyOctets) { // RFC 2812 §2.3; IRCv3 message-tags, Size limit: 417
  irc_world w;
  w.enter("me", "message-tags");
  auto text = [&](std::size_t size) { return "PING :" + std::string(size - 6, 'x'); };
  EXPECT_TRUE(w.said(text(510)).starts_with("PONG "));
  EXPECT_EQ(w.said(text(511)), "417 me :Input line was too long");
  auto tags = [&](std::size_t size) { return "@+a=" + std::string(size - 5, 'x') + " PING x"; };
  EXPECT_TRUE(w.said(tags(4096)).starts_with("PONG "));
  EXPECT_EQ(w.said(tags(4097)), "417 me :Input line was too long");
  EXPECT_EQ(w.said(tags(8192) + "\nPING x"),
            "417 me :Input line was too long\nPONG irc.example :x");
}

TEST(Lines, AreRefusedIfTheyAreNotUtf8) { // IRCv3 utf8-only
  irc_world w;
  w.enter("me", "standard-replies");
  EXPECT_EQ(w.said("PRIVMSG #c :caf\xe9"),
            "FAIL PRIVMSG INVALID_UTF8 :Message rejected, it is not valid UTF-8");
  EXPECT_EQ(w.said("X\xe9"), "FAIL * INVALID_UTF8 :Message rejected, it is not valid UTF-8");
  EXPECT_TRUE(w.asked.empty());
  irc_world::setup s;
  s.settings.chat.utf8_only.value = false;
  irc_world tolerant{s};
  tolerant.enter();
  tolerant.send("PRIVMSG #c :caf\xe9");
  ASSERT_EQ(tolerant.asked.size(), 1u);
  EXPECT_EQ(tolerant.asked[0].say().message().text(), "caf\xe9");
}

TEST(Lines, CarryNothingOfTheClientIntoAnother) { // CR, LF and NUL in a line
  irc_world w;
  w.enter();
  for (std::string_view bytes : {"PRIVMSG #c :a\rQUIT\r\n", "TOPIC #c :a\0b\r\n"})
    w.feed({bytes.data(), bytes[0] == 'T' ? std::size_t{15} : bytes.size()});
  EXPECT_TRUE(w.asked.empty());
  w.feed("\r\n \r\n\n:source\r\n::\r\n@a\r\n@a \r\n");
  EXPECT_EQ(joined(w.heard()), "");
}

// -- silence --------------------------------------------------------------------------------------

TEST(Silence, IsAskedAboutAndThenTheEnd) { // RFC 2812 §3.7.2
  irc_world::setup s;
  s.settings.chat_limits.ping_interval.value = 90s;
  s.settings.chat_limits.ping_timeout.value = 90s;
  irc_world w{s};
  w.enter();
  w.pass(89s);
  EXPECT_EQ(joined(w.heard()), "");
  w.pass(1s);
  EXPECT_EQ(joined(w.heard()), "PING irc.example");
  w.pass(89s);
  EXPECT_FALSE(w.is_closed);
  w.pass(1s);
  EXPECT_EQ(joined(w.heard()), "ERROR :Closing link: (192.0.2.7) [Ping timeout: 180 seconds]");
  ASSERT_EQ(w.told.size(), 1u);
  EXPECT_TRUE(w.told[0].detach().was_lost()); // it may come back
}

TEST(Silence, EndsWithAnyOctet) {
  irc_world w;
  w.enter();
  for (int i = 0; i < 10; ++i) {
    w.pass(91s);
    EXPECT_EQ(joined(w.heard()), "PING irc.example");
    w.send("PONG :irc.example");
  }
  EXPECT_FALSE(w.is_closed);
}

// -- while a question is open ---------------------------------------------------------------------

TEST(OpenQuestion, HoldsTheNextLines) {
  irc_world w;
  w.enter();
  w.holds = true;
  w.send("TOPIC #c\nPING x");
  EXPECT_EQ(joined(w.heard()), "");
  EXPECT_TRUE(w.is_waiting());
  w.answer_held();
  EXPECT_EQ(joined(w.heard()),
            ":irc.example 331 me #c :No topic is set\n:irc.example PONG irc.example :x");
}

TEST(OpenQuestion, LeavesNotesAlone) {
  irc_world w;
  w.enter();
  w.holds = true;
  w.send("TOPIC #c");
  w.tell(note::what::entered, "#d"); // is shown when the answer is there
  auto who = irc_world::person(1, "other");
  w.note_who(who);
  EXPECT_EQ(joined(w.heard()), "");
  w.answer_held();
  w.holds = false;
  w.answer_held();
  EXPECT_EQ(joined(w.heard()), ":irc.example 331 other #c :No topic is set\n"
                               ":irc.example 366 other #d :End of /NAMES list");
}

TEST(OpenQuestion, EndsWithTheSession) { // KILL: nothing comes of the answer, nobody is told
  irc_world w;
  w.enter("me", "batch labeled-response");
  w.holds = true;
  w.send("@label=a TOPIC #c");
  w.tell(note::what::ended, "Killed (boss (why))");
  EXPECT_EQ(joined(w.heard()), "ERROR :Closing link: (192.0.2.7) [Killed (boss (why))]");
  EXPECT_TRUE(w.told.empty());
  w.answer_held();
  EXPECT_EQ(joined(w.heard()), "");
}

TEST(OpenQuestion, EndsWhenTheSessionIsNoMore) {
  irc_world w;
  w.enter();
  w.script = [](const irc::ask&) { return refusal(chat::v1::NO_SUCH_SESSION); };
  EXPECT_EQ(w.said("TOPIC #c"), "ERROR :Closing link: (192.0.2.7) [Your session is over]");
  EXPECT_TRUE(w.told.empty());
}

TEST(End, IsToldToTheSessionOnce) { // exactly one Detach
  for (int how = 0; how < 3; ++how) {
    irc_world w;
    w.enter();
    w.holds = true;
    w.send("TOPIC #c");
    switch (how) {
    case 0: w.close(); break;
    case 1: w.shut_down(); break;
    default: w.pass(10min);
    }
    w.answer_held();
    if (!w.is_closed)
      ADD_FAILURE() << how;
    w.is_closed = false; // what comes now would be seen
    w.act([](effects&) {});
    w.shut_down();
    w.close();
    ASSERT_EQ(w.told.size(), 1u) << how;
    EXPECT_EQ(w.told[0].session_id(), 1);
    EXPECT_EQ(w.told[0].detach().connection_id(), 7);
    EXPECT_TRUE(w.told[0].detach().was_lost());
  }
}

// Who comes back at once finds the nick free.
TEST(End, OfOnesOwnWillIsSaidWhenTheSessionKnows) {
  irc_world w;
  w.enter();
  w.holds = true;
  EXPECT_EQ(w.said("QUIT :bye\nPING x"), "");
  EXPECT_FALSE(w.is_closed);
  w.answer_held();
  EXPECT_TRUE(w.is_closed);
  EXPECT_EQ(joined(w.heard()), "ERROR :Closing link: (192.0.2.7) [Quit: bye]");
  ASSERT_FALSE(w.asked.empty());
  EXPECT_EQ(w.asked.back().quit().reason(), "Quit: bye");
  EXPECT_EQ(w.asked.back().origin().connection_id(), 7);
  EXPECT_TRUE(w.told.empty());
}

TEST(End, IsToldAgainIfTheSessionDoesNotAnswer) {
  irc_world w;
  w.enter();
  w.script = [](const irc::ask&) { return refusal(chat::v1::FAILED); };
  EXPECT_EQ(w.said("QUIT :bye"), "ERROR :Closing link: (192.0.2.7) [Quit: bye]");
  ASSERT_EQ(w.told.size(), 1u);
  EXPECT_EQ(w.told[0].detach().reason(), "Quit: bye");
  EXPECT_FALSE(w.told[0].detach().was_lost());
}

TEST(End, IsSaidWithError) { // RFC 2812 §3.1.7, §3.7.4
  irc_world w;
  w.enter();
  EXPECT_EQ(w.said("QUIT :bye\nPING x"), "ERROR :Closing link: (192.0.2.7) [Quit: bye]");
  irc_world early;
  EXPECT_EQ(early.said("QUIT"), "ERROR :Closing link: (192.0.2.7) [Client quit]");
  EXPECT_TRUE(early.told.empty());
  irc_world stopped;
  stopped.enter();
  stopped.shut_down();
  EXPECT_EQ(joined(stopped.heard()), "ERROR :Closing link: (192.0.2.7) [Server is going down]");
}

TEST(Pieces, ChangeNothing) {
  std::string bytes = "CAP LS 302\r\nCAP REQ :batch labeled-response message-tags\r\nNICK me\r\n"
                      "USER me 0 * :Me\r\nCAP END\r\n@label=a JOIN #c\r\n\r\nPRIVMSG ann :hi\n"
                      "@label=b NAMES #c\r\nPING :x y\r\nMODE #c +o ann\r\nQUIT :bye\r\n";
  std::string whole;
  for (std::size_t piece : {0, 1, 2, 3, 7, 50}) {
    irc_world w;
    w.put(irc_world::person(2, "ann"));
    w.feed(bytes, piece);
    auto said = joined(w.heard());
    if (piece == 0)
      whole = said;
    EXPECT_EQ(said, whole) << piece;
  }
}

} // namespace
} // namespace hamlet::irc
