// SPDX-License-Identifier: Apache-2.0
#include "tests/gateway/pop3/pop3_world.hpp"

#include <gtest/gtest.h>

namespace hamlet::pop3 {

namespace {

struct Retrieval : testing::Test {
  static world::setup secured() {
    world::setup x;
    x.line.is_tls = true;
    return x;
  }
  std::string retr(std::string message) {
    world x{secured()};
    x.add(std::move(message));
    x.log_in();
    return x.ask("RETR 1\r\n");
  }
  /// A message whose every line begins with a dot, so that each split is tried.
  static std::string dotted(std::size_t lines) {
    std::string text = "Subject: dots\r\n\r\n";
    for (std::size_t i = 0; i < lines; ++i)
      text += "." + std::to_string(i) + "\r\n";
    return text;
  }
  static std::string stuffed(const std::string& text) {
    std::string out;
    for (auto x : text) {
      if (x == '.' && out.ends_with("\n"))
        out += '.';
      out += x;
    }
    return out;
  }
  world w{secured()};
};

constexpr std::string_view unreadable =
  "-ERR [SYS/TEMP] the message cannot be read now, try again later\r\n";

} // namespace

TEST_F(Retrieval, SendsTheMessageWithItsOctets) { // RFC 1939 §5
  struct {
    std::string_view message, wanted;
  } table[] = {
    {"A: 1\r\n\r\nx\r\n", "+OK 11 octets\r\nA: 1\r\n\r\nx\r\n.\r\n"},
    {"", "+OK 0 octets\r\n.\r\n"},
    {"A: 1\r\n\r\n.\r\n..\r\n", "+OK 15 octets\r\nA: 1\r\n\r\n..\r\n...\r\n.\r\n"},
    {"A: 1\r\n\r\n.\r\n", "+OK 11 octets\r\nA: 1\r\n\r\n..\r\n.\r\n"},
    {"A: 1\r\n\r\nno end", "+OK 14 octets\r\nA: 1\r\n\r\nno end\r\n.\r\n"},
    {"A: 1\r\n\r\na\n.\r\nb\r\n", "+OK 16 octets\r\nA: 1\r\n\r\na\n..\r\nb\r\n.\r\n"},
    {"A: 1\r\n\r\nSTLS\r\nQUIT\r\n", "+OK 20 octets\r\nA: 1\r\n\r\nSTLS\r\nQUIT\r\n.\r\n"},
  };
  for (auto& [message, wanted] : table)
    EXPECT_EQ(retr(std::string{message}), wanted);
}

TEST_F(Retrieval, StuffsAcrossTheBoundsOfParts) { // RFC 1939 §3
  for (std::size_t shift = 0; shift < 6; ++shift) {
    auto text = std::string(shift, 'x') + dotted(40'000);
    EXPECT_EQ(retr(text),
              "+OK " + std::to_string(text.size()) + " octets\r\n" + stuffed(text) + ".\r\n");
  }
}

TEST_F(Retrieval, FetchesPartByPart) {
  constexpr std::uint64_t part = 64u << 10;
  w.add(std::string(2 * part + 10, 'x'));
  w.log_in();
  w.log.clear();
  w.ask("RETR 1\r\n");
  ASSERT_EQ(w.log.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    auto& f = std::get<fetch>(w.log[i]);
    EXPECT_EQ(f.uid, 1);
    EXPECT_EQ(f.offset, i * part);
    EXPECT_EQ(f.at_most, i < 2 ? part : 10);
  }
}

TEST_F(Retrieval, ConsumesNoInputWhileAPartIsFetched) { // RFC 2449 §6.6
  w.add("A: 1\r\n\r\n");
  w.log_in();
  w.holds = true;
  EXPECT_EQ(w.ask("RETR 1\r\nSTAT\r\n"), "");
  EXPECT_EQ(w.ask("DELE 1\r\n"), "");
  w.holds = false;
  w.answer_held();
  EXPECT_EQ(w.heard(), "+OK 8 octets\r\nA: 1\r\n\r\n.\r\n+OK 1 8\r\n+OK message 1 deleted\r\n");
}

TEST_F(Retrieval, RefusesAMessageWhoseFirstPartCannotBeRead) { // RFC 3206 §4
  w.add("A: 1\r\n\r\n");
  w.log_in();
  w.readable = 0;
  EXPECT_EQ(w.ask("RETR 1\r\n"), unreadable);
  EXPECT_EQ(w.ask("TOP 1 0\r\n"), unreadable);
  EXPECT_EQ(w.ask("LAST\r\n"), "+OK 0\r\n");
}

TEST_F(Retrieval, HangsUpWithoutADotWhenTheRestCannotBeRead) {
  auto text = dotted(40'000);
  w.add(text);
  w.log_in();
  w.readable = 2;
  auto heard = w.ask("DELE 1\r\nRSET\r\nRETR 1\r\nNOOP\r\n");
  EXPECT_TRUE(w.is_closed);
  EXPECT_FALSE(w.is_open);
  EXPECT_EQ(heard.find("\r\n.\r\n"), heard.npos);
  EXPECT_EQ(heard.find("-ERR"), heard.npos);
  EXPECT_GT(heard.size(), 2u * (64u << 10));
  EXPECT_EQ(count<update>(w.log), 0u);
}

TEST_F(Retrieval, NeverTakesAPartForTheWhole) { // RFC 3206 §4
  w.add("A: 1\r\n\r\nshort\r\n");
  w.listed[0].size += 1; // the store has lost an octet
  w.add(std::string(100'000, 'x'));
  w.listed[1].size += 1;
  w.log_in();
  EXPECT_EQ(w.ask("RETR 1\r\n"),
            "-ERR [SYS/PERM] the message is damaged in the store, ask the administrator\r\n");
  auto heard = w.ask("RETR 2\r\n");
  EXPECT_TRUE(w.is_closed);
  EXPECT_EQ(heard.find("\r\n.\r\n"), heard.npos);
}

TEST_F(Retrieval, SendsHeaderAndLinesOfTheBody) { // RFC 1939 §7
  w.add("A: 1\r\nB: 2\r\n\r\n.one\r\ntwo\r\nthree\r\n");
  w.add("A: 1\r\n");
  w.log_in();
  const std::string first = "+OK top of message follows\r\n", header = "A: 1\r\nB: 2\r\n\r\n";
  EXPECT_EQ(w.ask("TOP 1 0\r\n"), first + header + ".\r\n");
  EXPECT_EQ(w.ask("TOP 1 1\r\n"), first + header + "..one\r\n.\r\n");
  EXPECT_EQ(w.ask("TOP 1 2\r\n"), first + header + "..one\r\ntwo\r\n.\r\n");
  auto all = first + header + "..one\r\ntwo\r\nthree\r\n.\r\n";
  EXPECT_EQ(w.ask("TOP 1 3\r\n"), all);
  EXPECT_EQ(w.ask("TOP 1 99999999999999999999999\r\n"), all);
  EXPECT_EQ(w.ask("TOP 2 7\r\n"), first + "A: 1\r\n.\r\n");
}

TEST_F(Retrieval, ReadsOnlyWhatTopNeeds) {
  std::string header = "A: " + std::string(20'000, 'a') + "\r\n\r\n";
  std::string line = std::string(998, 'b') + "\r\n";
  std::string text = header;
  for (int i = 0; i < 1000; ++i)
    text += line;
  w.add(text);
  w.log_in();
  w.log.clear();
  EXPECT_EQ(w.ask("TOP 1 0\r\n"), "+OK top of message follows\r\n" + header + ".\r\n");
  EXPECT_EQ(w.log.size(), 2u);
  EXPECT_EQ(
    w.ask("TOP 1 20\r\n"), "+OK top of message follows\r\n" + header + [&] {
      std::string body;
      for (int i = 0; i < 20; ++i)
        body += line;
      return body;
    }() + ".\r\n");
  EXPECT_EQ(count<fetch>(w.log), 5u);
}

TEST_F(Retrieval, RefusesUtf8MessagesOutsideOfUtf8Mode) { // RFC 6856 §2.1 and §5
  auto fill = [](world& x) {
    x.add("Subject: nước\r\n\r\n", true);
    x.add("Subject: water\r\n\r\n");
    x.log_in();
  };
  fill(w);
  constexpr std::string_view refused =
    "-ERR [UTF8] this message needs UTF8 mode: UTF8 before the login\r\n";
  EXPECT_EQ(w.ask("RETR 1\r\n"), refused);
  EXPECT_EQ(w.ask("TOP 1 0\r\n"), refused);
  EXPECT_EQ(w.ask("LIST 1\r\n"), "+OK 1 20\r\n");
  EXPECT_EQ(w.ask("UIDL 1\r\n"), "+OK 1 7.1\r\n");
  EXPECT_EQ(w.ask("STAT\r\n"), "+OK 2 38\r\n");
  EXPECT_TRUE(w.ask("RETR 2\r\n").starts_with("+OK 18 octets\r\n"));
  EXPECT_EQ(w.ask("UTF8\r\n"), "-ERR you are logged in already\r\n");

  world x{secured()};
  x.ask("UTF8\r\n");
  fill(x);
  EXPECT_EQ(x.ask("RETR 1\r\n"), "+OK 20 octets\r\nSubject: nước\r\n\r\n.\r\n");
}

TEST_F(Retrieval, FinishesTheMessageBeforeTheServerStops) {
  auto text = dotted(40'000);
  w.add(text);
  w.log_in();
  w.holds = true;
  w.ask("RETR 1\r\n");
  w.shut_down();
  EXPECT_FALSE(w.is_closed);
  w.holds = false;
  w.answer_held();
  EXPECT_TRUE(
    w.heard().ends_with("\r\n.\r\n-ERR [SYS/TEMP] the server is going down, come back soon\r\n"));
  EXPECT_TRUE(w.is_closed);
}

} // namespace hamlet::pop3
