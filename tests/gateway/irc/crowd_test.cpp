// SPDX-License-Identifier: Apache-2.0
#include "tests/gateway/irc/irc_world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>

// Look-ups where 50,000 users are: none shows who hides, none is made at once, and who asks again
// and again waits.

namespace hamlet::irc {
namespace {

using namespace std::chrono_literals;
using strings = std::vector<std::string>;

constexpr std::int64_t crowd = 50'000;
constexpr std::size_t enough_at_once = 512u << 10; ///< octets; half of chat_limits.send_queue

irc_world::setup limited() {
  irc_world::setup s;
  s.is_exempt = false;
  s.lag = {.burst = 5, .rate = 2, .window = 1000ms};
  return s;
}

/// Every fifth shows itself, the others have mode i; each has a channel, and every tenth is secret.
void fill(irc_world& w, std::int64_t users = crowd) {
  for (std::int64_t i = 2; i < users + 2; ++i) {
    auto who = irc_world::person(i, "nick" + std::to_string(i));
    who.set_user_modes(i % 5 == 0 ? "x" : "ix");
    w.put(who);
    auto name = std::to_string(i);
    w.put_channel(i % 10 == 0 ? "#secret" + name : "#open" + name, {{i, "@"}},
                  i % 10 == 0 ? "+nst" : "+nt");
  }
}

std::size_t count(const strings& lines, std::string_view part) {
  return static_cast<std::size_t>(
    std::ranges::count_if(lines, [&](auto& x) { return x.find(part) != x.npos; }));
}

/// What is said to it, and how long that took, for people to read.
strings timed(irc_world& w, const std::string& line) {
  auto begin = std::chrono::steady_clock::now();
  auto lines = w.ask(line);
  auto took = std::chrono::steady_clock::now() - begin;
  std::cout << line << ": " << lines.size() << " lines in "
            << std::chrono::duration<double, std::milli>{took}.count() << " ms\n";
  return lines;
}

TEST(Crowd, IsListedPieceByPiece) { // 005 SAFELIST
  irc_world w;
  w.enter();
  fill(w);
  auto lines = timed(w, "LIST");
  EXPECT_EQ(count(lines, " 322 "), 45'000u);
  EXPECT_EQ(count(lines, "#secret"), 0u);
  EXPECT_EQ(lines.back(), ":irc.example 323 me :End of LIST");
  EXPECT_GT(w.pauses, 20u);
  EXPECT_LT(w.most_at_once, enough_at_once);
  EXPECT_EQ(count(timed(w, "LIST #open7*"), " 322 "), 1000u);
}

TEST(Crowd, ListsOneReplyToItsLabel) { // IRCv3 labeled-response
  irc_world w;
  w.enter("me", "batch labeled-response message-tags");
  fill(w, 5000);
  auto lines = w.ask("@label=x LIST");
  EXPECT_EQ(lines.front(), "@label=x :irc.example BATCH +1 labeled-response");
  EXPECT_EQ(count(lines, "@batch=1 :irc.example 322 "), 4500u);
  EXPECT_EQ(lines.back(), ":irc.example BATCH -1");
  EXPECT_EQ(lines.size(), 4504u);
}

TEST(Crowd, IsSearchedPieceByPieceAndHidesWhoHides) { // RFC 2812 §3.6.1
  auto s = irc_world::setup{};
  s.settings.chat_sizes.who_users.value = 100'000;
  irc_world w{s};
  w.enter();
  fill(w);
  for (auto line : {"WHO *", "WHO", "WHO *.example", "WHO * %tnuhia,7"}) {
    auto before = w.pauses;
    auto lines = timed(w, line);
    EXPECT_EQ(count(lines, " 352 ") + count(lines, " 354 "), 10'001u) << line;
    EXPECT_EQ(count(lines, "nick2001 "), 0u) << line;
    EXPECT_EQ(count(lines, " 315 "), 1u) << line;
    EXPECT_GT(w.pauses, before + 20) << line;
  }
  EXPECT_LT(w.most_at_once, enough_at_once);
  for (auto line : {"WHO nothing*", "WHO * o"})
    EXPECT_EQ(timed(w, line).size(), 1u) << line;
  EXPECT_EQ(count(w.ask("WHO nick2001"), " 352 "), 1u) << "who knows the whole nick";
}

TEST(Crowd, IsCutShortByWho) { // chat_sizes.who_users
  irc_world w;
  w.enter();
  fill(w, 10'000);
  auto lines = timed(w, "WHO *");
  EXPECT_EQ(count(lines, " 352 "), 1000u);
  EXPECT_EQ(count(lines, " 416 "), 1u);
  EXPECT_EQ(lines.size(), 1002u);
}

TEST(Crowd, IsInNoAnswerOfNamesAndWhois) {
  irc_world w;
  w.enter();
  fill(w, 10'000);
  EXPECT_EQ(w.said("NAMES"), "366 me * :End of /NAMES list");
  EXPECT_EQ(w.said("WHOIS *"), "401 me * :No such nick/channel\n318 me * :End of /WHOIS list");
}

TEST(Crowd, MakesWhoAsksForAllOfItWait) { // chat_limits.heavy_cost, and by what came
  struct row {
    const char* line;
    const char* end;
    int most; ///< that are answered within 15 seconds, of 60
  };
  for (auto x : {row{"LIST", " 323 ", 2}, row{"WHO *", " 315 ", 6}, row{"WHO n*x", " 315 ", 3}}) {
    irc_world w{limited()};
    w.enter();
    fill(w);
    w.pass(1min);
    std::string all;
    for (int i = 0; i < 60; ++i)
      all += std::string{x.line} + "\r\n";
    w.feed(all);
    w.pass(15s);
    auto answered = static_cast<int>(count(w.heard(), x.end));
    EXPECT_GE(answered, 2) << x.line;
    EXPECT_LE(answered, x.most) << x.line;
    EXPECT_TRUE(w.is_waiting());
  }
}

TEST(Crowd, MakesWhoAsksForTheNamesOfItWait) {
  irc_world w{limited()};
  w.enter();
  w.script = [](const ask& x) {
    chat::v1::Reply r;
    r.set_channel(x.what.channel());
    std::string names;
    for (int i = 0; i < crowd; ++i)
      names += (i ? " nick" : "nick") + std::to_string(i);
    r.add_names(names);
    return r;
  };
  w.pass(1min);
  auto lines = timed(w, "NAMES #c");
  EXPECT_GT(count(lines, " 353 "), 900u);
  w.pass(1s);
  EXPECT_EQ(w.ask("VERSION").size(), 0u);
  w.pass(10s);
  EXPECT_GT(w.heard().size(), 0u);
}

TEST(Crowd, DoesNotHoldUpWhatIsShort) {
  irc_world w;
  w.enter();
  w.put_channel("#c", {{1, "@"}});
  EXPECT_EQ(w.ask("LIST").size(), 3u);
  EXPECT_EQ(w.ask("WHO *").size(), 2u);
  EXPECT_EQ(w.pauses, 0u);
}

} // namespace
} // namespace hamlet::irc
