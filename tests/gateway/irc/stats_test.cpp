// SPDX-License-Identifier: Apache-2.0
#include "tests/gateway/irc/irc_world.hpp"

#include <gtest/gtest.h>

namespace hamlet::irc {
namespace {

struct Stats : testing::Test {
  Stats() { w.enter(); }
  irc_world w;
};

TEST_F(Stats, EndsWithTheLetter) { // RFC 2812 §3.4.4
  for (auto letter : {"c", "h", "n", "z", "A"})
    EXPECT_EQ(w.said(std::string{"STATS "} + letter),
              "219 me " + std::string{letter} + " :End of STATS report");
  EXPECT_EQ(w.said("STATS"), "219 me * :End of STATS report");
}

TEST_F(Stats, TellsHowLongItRuns) { // RFC 2812 §5.1, RPL_STATSUPTIME
  w.numbers.accepted = 12;
  EXPECT_EQ(w.said("STATS u"),
            "242 me :Server Up 1 days 2:03:04\n"
            "250 me :Highest connection count: 0 (1 clients) (12 connections received)\n"
            "219 me u :End of STATS report");
}

TEST_F(Stats, CountsCommands) { // RFC 2812 §5.1, RPL_STATSCOMMANDS
  w.numbers.commands["JOIN"].count = 3;
  w.numbers.commands["JOIN"].bytes = 120;
  EXPECT_EQ(w.said("STATS m"), "212 me JOIN 3 120 :0\n219 me m :End of STATS report");
}

TEST_F(Stats, ShowsOnesOwnConnectionAlone) { // RFC 2812 §5.1, RPL_STATSLINKINFO
  w.now.wall_ms += 5000;
  auto lines = w.ask("STATS l");
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_TRUE(lines[0].starts_with(":irc.example 211 me me[~me@192.0.2.7] 0 ")) << lines[0];
  EXPECT_TRUE(lines[0].ends_with(" :5")) << lines[0];
  w.become_operator({"see"});
  lines = w.ask("STATS l");
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_TRUE(lines[1].starts_with(":irc.example 211 me irc.example 0 ")) << lines[1];
}

TEST_F(Stats, ShowsOperatorsAndWhoMayBecomeOne) { // RFC 2812 §5.1, RPL_STATSOLINE
  config::chat_operator boss;
  boss.name = "boss";
  boss.from = {"*@192.0.2.*"};
  w.terms->settings.chat.operators.value = {boss};
  auto dan = irc_world::person(5, "dan");
  dan.set_is_operator(true);
  w.put(dan, {}, 0, w.now.wall_ms - 9000);
  EXPECT_EQ(w.said("STATS o"), "243 me O * * boss 0 :operator\n219 me o :End of STATS report");
  EXPECT_EQ(w.said("STATS p"), "249 me p :dan (~dan@dan.example) Idle: 9\n"
                               "249 me p :1 operators\n"
                               "219 me p :End of STATS report");
  w.become_operator({"see"});
  EXPECT_EQ(w.said("STATS o"),
            "243 me O *@192.0.2.* * boss 0 :operator\n219 me o :End of STATS report");
}

TEST_F(Stats, ShowsClassesAndPorts) { // RFC 2812 §5.1, RPL_STATSYLINE, RPL_STATSILINE
  w.terms->settings.chat_limits.ping_interval.value = std::chrono::seconds{90};
  w.terms->settings.chat_limits.send_queue.value = 1000;
  EXPECT_EQ(w.said("STATS y"), "218 me Y users 90 0 :1000\n219 me y :End of STATS report");
  EXPECT_EQ(w.said("STATS i"), "215 me I * * * 0 :users\n219 me i :End of STATS report");
  EXPECT_NE(w.said("STATS P").find("220 me P 6697 :TLS"), std::string::npos);
}

TEST_F(Stats, ShowsBansToOperatorsAlone) { // RFC 2812 §5.1, RPL_STATSKLINE
  for (auto letter : {"k", "K", "d", "q"}) {
    auto low = std::string(1, static_cast<char>(letter[0] | 0x20));
    EXPECT_EQ(w.said(std::string{"STATS "} + letter),
              "481 me :Permission Denied- You're not an IRC operator\n219 me " + low
                + " :End of STATS report");
  }
  EXPECT_TRUE(w.asked.empty());
  w.become_operator({"kill"});
  EXPECT_EQ(w.said("STATS k"),
            "723 me ban :Insufficient oper privileges\n219 me k :End of STATS report");
}

TEST_F(Stats, ShowsTheBansOfTheNetwork) {
  w.become_operator({"ban"});
  w.script = [](const irc::ask& x) {
    EXPECT_EQ(x.of, irc::ask::owner::network);
    chat::v1::Reply r;
    auto& ban = *r.add_bans();
    auto& kind = x.what.list_bans().kind();
    ban.set_mask(kind == "kline" ? "*@bad.example" : kind == "dline" ? "192.0.2.0/24" : "root");
    ban.set_reason("spam");
    ban.set_operator_reason("see mail");
    ban.set_setter("dan!~dan@dan.example");
    if (kind == "dline")
      ban.set_expires_ms(1'700'000'000'000);
    return r;
  };
  EXPECT_EQ(w.said("STATS k"), "216 me K bad.example * * :spam|see mail (by dan!~dan@dan.example)\n"
                               "219 me k :End of STATS report");
  EXPECT_EQ(w.said("STATS d"), "250 me d 192.0.2.0/24 :spam|see mail (until Tuesday, 14 November "
                               "2023, 22:13:20 UTC) (by dan!~dan@dan.example)\n"
                               "219 me d :End of STATS report");
  EXPECT_EQ(w.said("STATS q"), "217 me Q root :spam|see mail (by dan!~dan@dan.example)\n"
                               "219 me q :End of STATS report");
}

TEST_F(Stats, ShowsTrafficToOperatorsWhoMaySee) {
  EXPECT_EQ(w.said("STATS t"), "481 me :Permission Denied- You're not an IRC operator\n"
                               "219 me t :End of STATS report");
  w.become_operator({"see"});
  w.numbers.accepted = 3;
  w.numbers.refused = 2;
  EXPECT_TRUE(w.said("STATS t").starts_with("249 me t :accepted 3 refused 2\n"));
}

} // namespace
} // namespace hamlet::irc
