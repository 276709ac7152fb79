// SPDX-License-Identifier: Apache-2.0
#include "tests/gateway/irc/irc_world.hpp"

#include <gtest/gtest.h>

namespace hamlet::irc {
namespace {

struct UserVerbs : testing::Test {
  UserVerbs() {
    w.enter();
    auto ann = irc_world::person(2, "Ann");
    ann.set_is_operator(true);
    w.put(ann, "lunch");
    w.put(irc_world::person(3, "bob"));
  }
  void answer(chat::v1::Reply r) {
    w.script = [r](const irc::ask&) { return r; };
  }
  irc_world w;
};

// -- AWAY and SETNAME -----------------------------------------------------------------------------

TEST_F(UserVerbs, ComesAndGoes) { // RFC 2812 §4.1
  EXPECT_EQ(w.said("AWAY :at lunch"), "306 me :You have been marked as being away");
  EXPECT_EQ(w.asked.back().set_away().text(), "at lunch");
  EXPECT_EQ(w.said("AWAY"), "305 me :You are no longer marked as being away");
  EXPECT_EQ(w.asked.back().set_away().text(), "");
  EXPECT_EQ(w.said("AWAY :"), "305 me :You are no longer marked as being away");
}

TEST_F(UserVerbs, CutsLongAwayTexts) { // AWAYLEN of 005
  w.send("AWAY :" + std::string(450, 'x'));
  EXPECT_EQ(w.asked.back().set_away().text(), std::string(390, 'x'));
}

TEST_F(UserVerbs, MayBeAwayBeforeItIsThere) { // IRCv3 draft/pre-away
  irc_world fresh;
  fresh.send("CAP REQ :draft/pre-away");
  EXPECT_EQ(fresh.said("AWAY *"), "306 * :You have been marked as being away");
  fresh.send("NICK me\nUSER me 0 * :Me\nCAP END");
  ASSERT_EQ(fresh.told.size(), 1u);
  EXPECT_EQ(fresh.told[0].set_away().text(), "*");
  EXPECT_TRUE(fresh.told[0].set_away().is_pre_away());
  // What the SESSION makes of it comes after these lines.
  EXPECT_NE(fresh.before_told.find(" 001 "), std::string::npos) << fresh.before_told;
  irc_world busy;
  busy.send("CAP REQ :draft/pre-away\nAWAY :at lunch\nNICK me\nUSER me 0 * :Me\nCAP END");
  EXPECT_EQ(busy.told[0].set_away().text(), "at lunch"); // "its normal semantics"
  EXPECT_FALSE(busy.told[0].set_away().is_pre_away());
  irc_world without;
  EXPECT_EQ(without.said("AWAY *"), "451 * :You have not registered");
}

TEST_F(UserVerbs, GoesAwayForNoReasonOnlyWithTheCapability) {
  w.send("AWAY *");
  EXPECT_FALSE(w.asked.back().set_away().is_pre_away());
  w.send("CAP REQ draft/pre-away\nAWAY *");
  EXPECT_TRUE(w.asked.back().set_away().is_pre_away());
}

TEST_F(UserVerbs, DoesNotComeAndGoTooOften) {
  irc_world::setup s;
  s.is_exempt = false;
  s.settings.chat_limits.away_changes.value = {2, std::chrono::minutes{1}};
  irc_world limited{s};
  limited.enter();
  limited.send("AWAY :1\nAWAY");
  EXPECT_EQ(limited.said("AWAY :2"), "263 me AWAY :Please wait a while and try again");
}

TEST_F(UserVerbs, RefusesAnAwayTextByFilter) {
  chat::v1::Filter f;
  f.set_pattern("casino");
  f.set_targets("a");
  f.set_action("block");
  f.set_reason("no adverts");
  w.rules.set_filters({&f, 1});
  EXPECT_EQ(w.said("AWAY :casino now"),
            "NOTICE me :*** FAIL AWAY MESSAGE_REFUSED The text was refused: no adverts");
  EXPECT_TRUE(w.asked.empty());
}

TEST_F(UserVerbs, ChangesTheRealName) { // IRCv3 setname
  EXPECT_EQ(w.said("SETNAME :Bruce Wayne"), "");
  EXPECT_EQ(w.asked.back().set_real_name().text(), "Bruce Wayne");
  EXPECT_EQ(w.said("SETNAME"), "461 me SETNAME :Not enough parameters");
}

TEST_F(UserVerbs, RefusesRealNamesByStandardReplies) { // IRCv3 setname, Errors
  irc_world with;
  with.enter("me", "setname standard-replies");
  EXPECT_EQ(with.said("SETNAME :" + std::string(151, 'x')),
            "FAIL SETNAME INVALID_REALNAME :Realname is not valid");
  EXPECT_EQ(with.said("SETNAME :"), "FAIL SETNAME INVALID_REALNAME :Realname is not valid");
  EXPECT_TRUE(with.asked.empty());
  with.script = [](auto&) { return refusal(chat::v1::BANNED_NICK_CHANGE); };
  EXPECT_EQ(with.said("SETNAME :New"),
            "FAIL SETNAME CANNOT_CHANGE_REALNAME :The realname cannot be changed now");
}

TEST_F(UserVerbs, LetsTheEventAnswerASetnameWithALabel) { // IRCv3 labeled-response
  irc_world with;
  with.enter("me", "setname batch labeled-response");
  EXPECT_EQ(with.said("@label=a1 SETNAME :New"), "");
  EXPECT_EQ(with.asked.back().origin().tag(), "label=a1");
  irc_world without;
  without.enter("me", "batch labeled-response");
  EXPECT_EQ(without.said("@label=a1 SETNAME :New"), "@label=a1 :irc.example ACK");
}

// -- who is here ----------------------------------------------------------------------------------

TEST_F(UserVerbs, TellsUserAndHost) { // RFC 2812 §4.8
  EXPECT_EQ(w.said("USERHOST ann none bob"),
            "302 me :Ann*=-~Ann@Ann.example bob=+~bob@bob.example");
  EXPECT_EQ(w.said("USERHOST none"), "302 me :");
  EXPECT_EQ(w.said("USERHOST bob bob bob bob bob bob"),
            "302 me :bob=+~bob@bob.example bob=+~bob@bob.example bob=+~bob@bob.example "
            "bob=+~bob@bob.example bob=+~bob@bob.example"); // at most five
  EXPECT_EQ(w.said("USERHOST"), "461 me USERHOST :Not enough parameters");
}

TEST_F(UserVerbs, TellsAddressesToOperatorsAlone) {
  EXPECT_EQ(w.said("USERIP bob me"), "340 me :bob=+~bob@255.255.255.255 me=+~me@192.0.2.7");
  w.become_operator({"see"});
  EXPECT_EQ(w.said("USERIP bob"), "340 me :bob=+~bob@198.51.100.3");
}

TEST_F(UserVerbs, TellsWhoIsHere) { // RFC 2812 §4.9
  EXPECT_EQ(w.said("ISON ann none BOB"), "303 me :Ann bob");
  EXPECT_EQ(w.said("ISON :ann none bob"), "303 me :Ann bob");
  EXPECT_EQ(w.said("ISON none"), "303 me :");
  EXPECT_EQ(w.said("ISON"), "461 me ISON :Not enough parameters");
}

// -- MONITOR --------------------------------------------------------------------------------------

TEST_F(UserVerbs, Monitors) { // IRCv3 monitor
  EXPECT_EQ(w.said("MONITOR + ann,none,bob,ann,1bad"),
            "730 me :Ann!~Ann@Ann.example,bob!~bob@bob.example\n"
            "731 me :none");
  ASSERT_EQ(w.log.size(), 1u);
  EXPECT_EQ(std::get<watch>(w.log[0]).add, (std::vector<std::string>{"ann", "none", "bob"}));
  EXPECT_EQ(w.said("MONITOR + ANN"), ""); // is there already
  EXPECT_EQ(w.said("MONITOR L"), "732 me :ann,none,bob\n733 me :End of MONITOR list");
  EXPECT_EQ(w.said("MONITOR - Ann,other"), "");
  EXPECT_EQ(std::get<watch>(w.log[1]).remove, (std::vector<std::string>{"ann"}));
  EXPECT_EQ(w.said("MONITOR S"), "730 me :bob!~bob@bob.example\n731 me :none");
  EXPECT_EQ(w.said("MONITOR C"), "");
  EXPECT_TRUE(std::get<watch>(w.log[2]).clear);
  EXPECT_EQ(w.said("MONITOR L"), "733 me :End of MONITOR list");
}

TEST_F(UserVerbs, MonitorsNoMoreThanIsAllowed) { // IRCv3 monitor, ERR_MONLISTFULL
  w.terms->settings.chat_sizes.monitor.value = 2;
  EXPECT_EQ(w.said("MONITOR + a,b,C,d"), "731 me :a,b\n734 me 2 C,d :Monitor list is full.");
  EXPECT_EQ(std::get<watch>(w.log[0]).add, (std::vector<std::string>{"a", "b"}));
}

TEST_F(UserVerbs, SplitsLongAnswersOfMonitor) {
  std::string nicks;
  for (int i = 0; i < 100; ++i)
    nicks += (i == 0 ? "" : ",") + std::string(1, 'a') + std::to_string(1000 + i) + "234567890";
  w.send("MONITOR + " + nicks.substr(0, 15 * 30 - 1));
  w.send("MONITOR + " + nicks.substr(15 * 30, 15 * 30 - 1));
  auto lines = w.ask("MONITOR L");
  EXPECT_EQ(lines.size(), 3u);
  for (auto& line : lines)
    EXPECT_LE(line.size(), 510u);
}

TEST_F(UserVerbs, RefusesWhatMonitorDoesNotHave) {
  EXPECT_EQ(w.said("MONITOR"), "461 me MONITOR :Not enough parameters");
  EXPECT_EQ(w.said("MONITOR +"), "461 me MONITOR :Not enough parameters");
  EXPECT_EQ(w.said("MONITOR X"), "461 me MONITOR :Use +, -, C, L or S");
}

// -- SILENCE and ACCEPT ---------------------------------------------------------------------------

TEST_F(UserVerbs, KeepsSilence) {
  EXPECT_EQ(w.said("SILENCE +Spam"), ":me!~me@192.0.2.7 SILENCE +Spam!*@*");
  EXPECT_EQ(w.asked.back().change_list().list(), "silence");
  EXPECT_EQ(w.asked.back().change_list().add(0), "Spam!*@*");
  EXPECT_EQ(w.said("SILENCE -*@bad.example"), ":me!~me@192.0.2.7 SILENCE -*!*@bad.example");
  EXPECT_EQ(w.asked.back().change_list().remove(0), "*!*@bad.example");
  chat::v1::Reply r;
  r.add_names("a!*@*");
  r.add_names("b!*@*");
  answer(r);
  EXPECT_EQ(w.said("SILENCE"), "271 me me :a!*@*\n271 me me :b!*@*\n272 me :End of Silence List");
  answer(refusal(chat::v1::LIST_FULL));
  EXPECT_EQ(w.said("SILENCE +c"), "511 me c!*@* :Your silence list is full");
}

TEST_F(UserVerbs, KeepsAListOfWhomItHears) {
  EXPECT_EQ(w.said("ACCEPT bob,none"), "401 me none :No such nick");
  EXPECT_EQ(w.asked.back().change_list().list(), "accept");
  EXPECT_EQ(w.asked.back().change_list().add(0), "bob");
  chat::v1::Reply r;
  r.add_names("bob");
  answer(r);
  EXPECT_EQ(w.said("ACCEPT *"), "281 me :bob\n282 me :End of /ACCEPT list");
  EXPECT_EQ(w.said("ACCEPT BOB"), "457 me BOB :is already on your accept list");
  EXPECT_EQ(w.said("ACCEPT -ann"), "458 me ann :is not on your accept list");
  w.asked.clear();
  EXPECT_EQ(w.said("ACCEPT -bob,ann"), "");
  EXPECT_EQ(w.asked.back().change_list().remove(0), "bob");
  EXPECT_EQ(w.asked.back().change_list().add(0), "Ann");
  w.script = [](const irc::ask& x) -> std::optional<chat::v1::Reply> {
    if (x.what.change_list().add_size() != 0)
      return refusal(chat::v1::LIST_FULL);
    return std::nullopt;
  };
  EXPECT_EQ(w.said("ACCEPT ann"), "456 me :Accept list is full");
}

} // namespace
} // namespace hamlet::irc
