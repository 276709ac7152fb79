// SPDX-License-Identifier: Apache-2.0
#include "tests/gateway/pop3/pop3_world.hpp"

#include <gtest/gtest.h>

namespace hamlet::pop3 {

namespace {

constexpr std::string_view good_bye = "+OK good bye\r\n";

struct Transaction : testing::Test {
  static world::setup secured() {
    world::setup x;
    x.line.is_tls = true;
    return x;
  }
  Transaction() {
    w.add(std::string(118, 'x') + "\r\n");
    w.add(std::string(198, 'y') + "\r\n");
    w.add("Subject: 3\r\n\r\nthree\r\n");
    w.log_in();
  }
  world w{secured()};
};

} // namespace

TEST_F(Transaction, CountsWhatIsNotDeleted) { // RFC 1939 §5
  EXPECT_EQ(w.ask("STAT\r\n"), "+OK 3 341\r\n");
  EXPECT_EQ(w.ask("DELE 2\r\n"), "+OK message 2 deleted\r\n");
  EXPECT_EQ(w.ask("STAT\r\n"), "+OK 2 141\r\n");
}

TEST_F(Transaction, ListsWithoutRenumbering) { // RFC 1939 §5
  EXPECT_EQ(w.ask("LIST\r\n"), "+OK 3 messages (341 octets)\r\n1 120\r\n2 200\r\n3 21\r\n.\r\n");
  w.ask("DELE 2\r\n");
  EXPECT_EQ(w.ask("LIST\r\n"), "+OK 2 messages (141 octets)\r\n1 120\r\n3 21\r\n.\r\n");
  EXPECT_EQ(w.ask("list 3\r\n"), "+OK 3 21\r\n");
  w.ask("DELE 1\r\nDELE 3\r\n");
  EXPECT_EQ(w.ask("LIST\r\n"), "+OK 0 messages (0 octets)\r\n.\r\n");
  EXPECT_EQ(w.ask("UIDL\r\n"), "+OK unique-ids follow\r\n.\r\n");
}

TEST_F(Transaction, NamesMessagesForEver) { // RFC 1939 §7
  EXPECT_EQ(w.ask("UIDL\r\n"), "+OK unique-ids follow\r\n1 7.1\r\n2 7.2\r\n3 7.3\r\n.\r\n");
  w.ask("DELE 1\r\n");
  EXPECT_EQ(w.ask("UIDL\r\n"), "+OK unique-ids follow\r\n2 7.2\r\n3 7.3\r\n.\r\n");
  EXPECT_EQ(w.ask("UIDL 3\r\n"), "+OK 3 7.3\r\n");
}

TEST_F(Transaction, TakesExactNumbersOnly) { // RFC 1939 §5
  constexpr std::string_view none = "-ERR no such message, the last is 3\r\n";
  for (auto verb : {"LIST", "UIDL", "RETR", "DELE"})
    for (auto number : {"0", "4", "-1", "+1", "1.", "0x1", "1a", "a", "*", "99999999999999999999",
                        "18446744073709551617"})
      EXPECT_EQ(w.ask(std::string{verb} + " " + number + "\r\n"), none) << verb << number;
  EXPECT_EQ(w.ask("TOP 4 0\r\n"), none);
  EXPECT_EQ(w.ask("STAT\r\n"), "+OK 3 341\r\n");
}

TEST_F(Transaction, TakesTheExactNumberOfArguments) {
  struct {
    std::string_view line, syntax;
  } table[] = {
    {"STAT 1", "STAT"},
    {"LIST 1 2", "LIST [message]"},
    {"LIST ", "LIST [message]"},
    {"LIST  1", "LIST [message]"},
    {"LIST 1 ", "LIST [message]"},
    {"UIDL 1 2", "UIDL [message]"},
    {"RETR", "RETR message"},
    {"RETR 1 2", "RETR message"},
    {"DELE", "DELE message"},
    {"TOP", "TOP message lines"},
    {"TOP 1", "TOP message lines"},
    {"TOP 1 2 3", "TOP message lines"},
    {"TOP 1 -1", "TOP message lines"},
    {"TOP 1 x", "TOP message lines"},
    {"TOP 1 2 3 4 5", "TOP message lines"},
    {"NOOP x", "NOOP"},
    {"RSET x", "RSET"},
    {"QUIT x", "QUIT"},
    {"LAST x", "LAST"},
  };
  for (auto& [line, syntax] : table)
    EXPECT_EQ(w.ask(std::string{line} + "\r\n"), "-ERR syntax: " + std::string{syntax} + "\r\n");
}

TEST_F(Transaction, RefusesWhatRefersToADeletedMessage) { // RFC 1939 §5
  w.ask("DELE 1\r\n");
  for (auto line : {"DELE 1", "RETR 1", "LIST 1", "UIDL 1", "TOP 1 0"})
    EXPECT_EQ(w.ask(std::string{line} + "\r\n"), "-ERR message 1 is deleted\r\n") << line;
}

TEST_F(Transaction, UnmarksOnRset) { // RFC 1939 §5
  w.ask("DELE 1\r\nDELE 2\r\n");
  EXPECT_EQ(w.ask("RSET\r\n"), "+OK 3 messages (341 octets)\r\n");
  EXPECT_EQ(w.ask("STAT\r\n"), "+OK 3 341\r\n");
  w.ask("QUIT\r\n");
  EXPECT_TRUE(w.deleted.empty());
}

TEST_F(Transaction, KnowsTheHighestNumberAccessed) { // RFC 1460
  EXPECT_EQ(w.ask("LAST\r\n"), "+OK 0\r\n");
  w.ask("RETR 2\r\nRETR 1\r\nTOP 3 0\r\nLIST 3\r\n");
  EXPECT_EQ(w.ask("LAST\r\n"), "+OK 2\r\n");
  w.ask("DELE 3\r\n");
  EXPECT_EQ(w.ask("LAST\r\n"), "+OK 3\r\n");
  w.ask("RSET\r\n");
  EXPECT_EQ(w.ask("LAST\r\n"), "+OK 0\r\n");
}

TEST_F(Transaction, DeletesOnQuitAndSaysSoAfterwards) { // RFC 1939 §6
  w.ask("DELE 1\r\nDELE 3\r\n");
  w.holds = true;
  EXPECT_EQ(w.ask("QUIT\r\nNOOP\r\n"), ""); // not before it is true
  EXPECT_TRUE(w.s.is_waiting());
  w.holds = false;
  w.answer_held();
  EXPECT_EQ(w.heard(), good_bye);
  EXPECT_EQ(w.deleted, (std::vector<std::int64_t>{1, 3}));
  EXPECT_TRUE(w.is_closed);
  EXPECT_EQ(count<release>(w.log), 0u); // the update unlocks
}

TEST_F(Transaction, SaysWhenNothingWasDeleted) { // RFC 1939 §6
  w.can_delete = false;
  w.ask("DELE 1\r\n");
  EXPECT_EQ(w.ask("QUIT\r\n"), "-ERR [SYS/TEMP] nothing was deleted, try again later\r\n");
  EXPECT_TRUE(w.is_closed);
}

TEST_F(Transaction, SaysGoodByeWhenTheMaildropIsUnlocked) { // RFC 1939 §6
  w.holds = true;
  EXPECT_EQ(w.ask("QUIT\r\nNOOP\r\n"), "");
  EXPECT_TRUE(w.is_open);
  w.holds = false;
  w.answer_held();
  EXPECT_EQ(w.heard(), good_bye);
  EXPECT_TRUE(w.deleted.empty());
  EXPECT_FALSE(w.is_open);
  EXPECT_TRUE(w.is_closed);
  EXPECT_EQ(count<release>(w.log), 0u);
}

TEST_F(Transaction, SaysGoodByeWhenNobodyUnlocks) { // nothing was to be deleted
  w.can_delete = false;
  w.ask("DELE 1\r\nRSET\r\n");
  EXPECT_EQ(w.ask("QUIT\r\n"), good_bye);
  EXPECT_TRUE(w.is_closed);
}

TEST_F(Transaction, DeletesNothingWithoutQuit) { // RFC 1939 §3 and §6
  w.ask("DELE 1\r\n");
  w.time_out();
  EXPECT_EQ(w.heard(), ""); // RFC 1939 §3: no response
  EXPECT_TRUE(w.is_closed);
  EXPECT_FALSE(w.is_open);
  EXPECT_EQ(count<update>(w.log), 0u);
}

TEST_F(Transaction, DeletesNothingWhenTheServerStops) {
  w.ask("DELE 1\r\n");
  w.shut_down();
  EXPECT_EQ(w.heard(), "-ERR [SYS/TEMP] the server is going down, come back soon\r\n");
  EXPECT_TRUE(w.is_closed);
  EXPECT_FALSE(w.is_open);
  EXPECT_EQ(count<update>(w.log), 0u);
  EXPECT_EQ(w.ask("QUIT\r\n"), "");
}

TEST_F(Transaction, QuitsBeforeTheLoginWithoutUpdate) { // RFC 1939 §6
  world x{secured()};
  x.heard();
  EXPECT_EQ(x.ask("QUIT\r\nCAPA\r\n"), good_bye);
  EXPECT_TRUE(x.is_closed);
  EXPECT_EQ(x.log.size(), 1u);
}

TEST_F(Transaction, IsNotLeftByErrors) {
  std::string many;
  for (int i = 0; i < 100; ++i)
    many += "NONSENSE\r\n";
  w.ask(many);
  EXPECT_EQ(w.ask("NOOP\r\n"), "+OK still here\r\n");
}

TEST_F(Transaction, ListsALargeMaildropInPieces) {
  world x{secured()};
  std::string wanted = "+OK 20000 messages (20000 octets)\r\n";
  for (int i = 1; i <= 20'000; ++i) {
    x.listed.push_back({i, 1, false});
    wanted += std::to_string(i) + " 1\r\n";
  }
  x.log_in();
  x.ask("DELE 1\r\n");
  x.ask("RSET\r\n");
  EXPECT_EQ(x.ask("LIST\r\n"), wanted + ".\r\n");
  EXPECT_EQ(count<wait_written>(x.log), wanted.size() / (64u << 10));
}

TEST_F(Transaction, WaitsForAClientThatAsksMoreThanItReads) {
  std::string many;
  for (int i = 0; i < 5'000; ++i)
    many += "UIDL\r\n";
  w.holds = true;
  w.send(many);
  EXPECT_TRUE(w.s.is_waiting());
  EXPECT_LT(w.heard().size(), 80'000u);
  w.holds = false;
  w.answer_held();
  EXPECT_GT(w.heard().size(), 100'000u);
  EXPECT_EQ(w.ask("NOOP\r\n"), "+OK still here\r\n");
}

TEST_F(Transaction, UnlocksAMaildropThatOpensTooLate) {
  world x{secured()};
  x.ask("USER alice\r\n");
  x.holds = true;
  x.ask("PASS secret\r\n");
  x.holds = false;
  // The ACCOUNT's answer leads to open_maildrop, which is held again.
  effects out;
  x.s.on_auth({auth::verdict::right, {42, "a", {}, false}, {}, {}}, out);
  ASSERT_TRUE(std::holds_alternative<open_maildrop>(out.at(0)));
  x.time_out();
  out.clear();
  x.s.on_opened({maildrop::status::open, 7, {}}, out);
  ASSERT_EQ(out.size(), 1u);
  EXPECT_TRUE(std::holds_alternative<release>(out[0]));
}

} // namespace hamlet::pop3
