// SPDX-License-Identifier: Apache-2.0
#include "tests/gateway/irc/irc_world.hpp"

#include <gtest/gtest.h>

namespace hamlet::irc {
namespace {

struct Whois : testing::Test {
  Whois() {
    w.enter();
    w.terms->settings.chat.description.value = "Test server";
    auto ann = irc_world::person(2, "Ann");
    ann.set_account("annie");
    ann.set_is_secure(true);
    ann.set_certificate("ab12");
    ann.set_user_modes("iw");
    w.put(ann, {}, 1'700'000'000'000, w.now.wall_ms - 61'000);
    w.put_channel("#open", {{2, "@+"}});
    w.put_channel("#alpha", {{2, "+"}});
    w.put_channel("#secret", {{2, "@"}}, "+s");
  }
  irc_world w;
};

TEST_F(Whois, TellsWhatEverybodyMayKnow) { // RFC 2812 §3.6.2; modern, WHOIS message
  EXPECT_EQ(w.said("WHOIS ann"), "311 me Ann ~Ann Ann.example * :Real Ann\n"
                                 "319 me Ann :+#alpha @#open\n"
                                 "312 me Ann irc.example :Test server\n"
                                 "671 me Ann :is using a secure connection\n"
                                 "330 me Ann annie :is logged in as\n"
                                 "317 me Ann 61 1700000000 :seconds idle, signon time\n"
                                 "318 me ann :End of /WHOIS list");
}

TEST_F(Whois, TellsOperatorsAndOneselfOfAddressAndCertificate) {
  w.become_operator({"see"});
  EXPECT_EQ(w.said("WHOIS ann"),
            "311 me Ann ~Ann Ann.example * :Real Ann\n"
            "319 me Ann :+#alpha @#open @#secret\n"
            "312 me Ann irc.example :Test server\n"
            "671 me Ann :is using a secure connection\n"
            "330 me Ann annie :is logged in as\n"
            "338 me Ann ~Ann@198.51.100.2 198.51.100.2 :Actual user@host, actual IP\n"
            "276 me Ann :has client certificate fingerprint ab12\n"
            "379 me Ann :is using modes +iw\n"
            "317 me Ann 61 1700000000 :seconds idle, signon time\n"
            "318 me ann :End of /WHOIS list");
  irc_world plain;
  plain.enter();
  EXPECT_NE(plain.said("WHOIS me").find("338 me me ~me@192.0.2.7 192.0.2.7 :"), std::string::npos);
}

TEST_F(Whois, TellsOfOperatorsBotsAndAbsence) { // RFC 2812 §5.1, IRCv3 bot mode
  config::chat_operator boss;
  boss.name = "boss";
  boss.title = "helps with everything";
  w.terms->settings.chat.operators.value = {boss};
  auto dan = irc_world::person(5, "dan");
  dan.set_is_operator(true);
  dan.set_operator_class("boss");
  dan.set_is_bot(true);
  w.put(dan, "at lunch", w.now.wall_ms);
  EXPECT_EQ(w.said("WHOIS dan"), "311 me dan ~dan dan.example * :Real dan\n"
                                 "312 me dan irc.example :Test server\n"
                                 "313 me dan :helps with everything\n"
                                 "335 me dan :is a bot on Example\n"
                                 "301 me dan :at lunch\n"
                                 "317 me dan 0 1795305600 :seconds idle, signon time\n"
                                 "318 me dan :End of /WHOIS list");
  dan.set_operator_class("staff");
  w.put(dan, "at lunch", w.now.wall_ms);
  EXPECT_NE(w.said("WHOIS dan").find("313 me dan :is an IRC operator"), std::string::npos);
}

TEST_F(Whois, ShowsHiddenChannelsToTheirMembers) { // RFC 2811 §4.2.6
  w.people.set_member(1, {"#secret", "", true});
  EXPECT_NE(w.said("WHOIS ann").find("319 me Ann :+#alpha @#open @#secret"), std::string::npos);
}

TEST_F(Whois, ShowsNoChannelsOfTheShy) { // user mode I
  auto ann = irc_world::person(2, "Ann");
  ann.set_user_modes("I");
  w.put(ann);
  EXPECT_EQ(w.said("WHOIS ann").find("319"), std::string::npos);
  w.become_operator({"see"});
  EXPECT_NE(w.said("WHOIS ann").find("319"), std::string::npos);
}

TEST_F(Whois, AnswersEachNickAndNoMoreThanIsAllowed) { // TARGMAX of 005
  EXPECT_EQ(w.said("WHOIS a,b,c,d,e"), "401 me a :No such nick/channel\n"
                                       "318 me a :End of /WHOIS list\n"
                                       "401 me b :No such nick/channel\n"
                                       "318 me b :End of /WHOIS list\n"
                                       "401 me c :No such nick/channel\n"
                                       "318 me c :End of /WHOIS list\n"
                                       "401 me d :No such nick/channel\n"
                                       "318 me d :End of /WHOIS list");
}

TEST_F(Whois, TakesAServerOrANickForTarget) { // RFC 2812 §3.6.2
  EXPECT_EQ(w.said("WHOIS irc.* none"),
            "401 me none :No such nick/channel\n318 me none :End of /WHOIS list");
  EXPECT_TRUE(w.said("WHOIS ann ann").starts_with("311 me Ann"));
  EXPECT_EQ(w.said("WHOIS other.example ann"), "402 me other.example :No such server");
  EXPECT_EQ(w.said("WHOIS"), "431 me :No nickname given");
}

struct Whowas : Whois {
  Whowas() {
    w.people.remove(2, 1'700'000'000'000);
    auto other = irc_world::person(9, "Ann");
    other.set_host("second.example");
    w.put(other);
    w.people.remove(9, 1'700'000'060'000);
  }
};

TEST_F(Whowas, ShowsTheLatestFirst) { // RFC 2812 §3.6.3
  EXPECT_EQ(w.said("WHOWAS ann"),
            "314 me Ann ~Ann second.example * :Real Ann\n"
            "312 me Ann irc.example :Tuesday, 14 November 2023, 22:14:20 UTC\n"
            "314 me Ann ~Ann Ann.example * :Real Ann\n"
            "330 me Ann annie :was logged in as\n"
            "312 me Ann irc.example :Tuesday, 14 November 2023, 22:13:20 UTC\n"
            "369 me ann :End of WHOWAS");
}

TEST_F(Whowas, ShowsAsManyAsAreAskedFor) { // RFC 2812 §3.6.3
  auto entries = [&](const std::string& line) {
    auto all = w.ask(line);
    return std::ranges::count_if(all, [](auto& x) { return x.find(" 314 ") != x.npos; });
  };
  EXPECT_EQ(entries("WHOWAS ann 1"), 1);
  EXPECT_EQ(entries("WHOWAS ann 2"), 2);
  EXPECT_EQ(entries("WHOWAS ann 0"), 2); // "if count is non-positive, a full search is done"
  EXPECT_EQ(entries("WHOWAS ann -1"), 2);
  EXPECT_EQ(entries("WHOWAS ann x irc.example"), 2);
}

TEST_F(Whowas, SaysWhenThereWasNobody) { // RFC 2812 §3.6.3
  EXPECT_EQ(w.said("WHOWAS none"),
            "406 me none :There was no such nickname\n369 me none :End of WHOWAS");
  EXPECT_EQ(w.said("WHOWAS"), "431 me :No nickname given");
  EXPECT_EQ(w.said("WHOWAS ann 1 other.example"), "402 me other.example :No such server");
}

TEST_F(Whowas, ShowsAddressesToOperatorsAlone) {
  EXPECT_EQ(w.said("WHOWAS ann").find("198.51.100"), std::string::npos);
  w.become_operator({"see"});
  EXPECT_NE(w.said("WHOWAS ann").find("338 me Ann ~Ann@198.51.100.9 198.51.100.9"),
            std::string::npos);
}

} // namespace
} // namespace hamlet::irc
