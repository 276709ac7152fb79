// SPDX-License-Identifier: Apache-2.0
#include "tests/gateway/irc/irc_world.hpp"

#include <gtest/gtest.h>

namespace hamlet::irc {
namespace {

struct ServerVerbs : testing::Test {
  ServerVerbs() {
    w.enter();
    w.terms->settings.chat.description.value = "Test server";
    w.put(irc_world::person(2, "Ann"));
    auto dan = irc_world::person(5, "dan");
    dan.set_is_operator(true);
    dan.set_operator_class("boss");
    w.put(dan);
  }
  irc_world w;
};

TEST_F(ServerVerbs, AnswersInTheFormsOfTheTexts) {
  const std::pair<const char*, const char*> rows[] = {
    // RFC 2812 §3.4.1
    {"MOTD", "422 me :There is no message of the day"},
    // RFC 2812 §3.4.6
    {"TIME", "391 me irc.example :Sunday, 22 November 2026, 00:00:00 UTC"},
    // RFC 2812 §3.4.5
    {"LINKS", "364 me irc.example irc.example :0 Test server\n365 me * :End of LINKS list"},
    {"LINKS *.example", "364 me irc.example irc.example :0 Test server\n"
                        "365 me *.example :End of LINKS list"},
    {"LINKS *.org", "365 me *.org :End of LINKS list"},
    {"LINKS irc.example *.org", "365 me *.org :End of LINKS list"},
    // RFC 2812 §3.4.9: the network's name stands for who runs it
    {"ADMIN", "256 me irc.example :Administrative info\n257 me :Example"},
    // RFC 2812 §3.4.10
    {"INFO", "371 me :Hamlet: mail, chat and web for a community\n"
             "371 me :Version hamlet-0.1.0\n"
             "371 me :Started Friday, 20 November 2026, 21:56:56 UTC\n"
             "374 me :End of INFO list"},
    // RFC 2812 §3.5.1
    {"SERVLIST", "234 me NickServ irc.example * service 0 :Is part of the server\n"
                 "234 me ChanServ irc.example * service 0 :Is part of the server\n"
                 "235 me * * :End of service listing"},
    {"SERVLIST nick*", "234 me NickServ irc.example * service 0 :Is part of the server\n"
                       "235 me nick* * :End of service listing"},
    {"SERVLIST * none", "235 me * none :End of service listing"},
    // RFC 2812 §4.6, §4.5
    {"USERS", "446 me :USERS has been disabled"},
    {"SUMMON", "445 me :SUMMON has been disabled"},
    {"SUMMON ann", "445 me :SUMMON has been disabled"},
    {"MAP", "015 me :irc.example (3 users)\n017 me :End of MAP"},
    {"RULES", "434 me :The rules are in the message of the day: MOTD"},
    // RFC 2812 §3.4.8: oneself, and whom one names; never an address
    {"TRACE", "205 me User users :me[~me@192.0.2.7]\n"
              "262 me irc.example hamlet-0.1.0 :End of TRACE"},
    {"TRACE ann", "205 me User users :Ann[~Ann@Ann.example]\n"
                  "262 me irc.example hamlet-0.1.0 :End of TRACE"},
    {"TRACE dan", "204 me Oper boss :dan[~dan@dan.example]\n"
                  "262 me irc.example hamlet-0.1.0 :End of TRACE"},
  };
  for (auto [line, expected] : rows)
    EXPECT_EQ(w.said(line), expected) << line;
}

TEST_F(ServerVerbs, AnswersForItselfAlone) { // RFC 2812 §3.4: <target>
  for (std::string verb : {"MOTD", "VERSION", "TIME", "ADMIN", "INFO", "TRACE", "USERS"}) {
    EXPECT_EQ(w.said(verb + " other.example"), "402 me other.example :No such server") << verb;
    auto own = w.said(verb);
    EXPECT_EQ(w.said(verb + " irc.example"), own) << verb;
    EXPECT_EQ(w.said(verb + " *.EXAMPLE"), own) << verb;
    if (verb == "TRACE") // shows whom it names
      continue;
    EXPECT_EQ(w.said(verb + " ann"), own) << verb;
  }
  EXPECT_EQ(w.said("LUSERS * other.example"), "402 me other.example :No such server");
  EXPECT_EQ(w.said("STATS u other.example"), "402 me other.example :No such server");
  EXPECT_EQ(w.said("LINKS other.example *"), "402 me other.example :No such server");
}

TEST_F(ServerVerbs, TellsItsVersionAndWhatItCan) { // RFC 2812 §3.4.3
  auto lines = w.ask("VERSION");
  EXPECT_EQ(lines[0], ":irc.example 351 me hamlet-0.1.0 irc.example :Test server");
  EXPECT_TRUE(lines[1].starts_with(":irc.example 005 me "));
}

TEST_F(ServerVerbs, CountsUsers) { // RFC 2812 §3.4.2
  EXPECT_TRUE(w.said("LUSERS").starts_with("251 me :There are 2 users and 1 invisible on 1 server"))
    << w.said("LUSERS");
}

TEST_F(ServerVerbs, ShowsTheMessageOfTheDay) { // RFC 2812 §3.4.1
  w.terms->motd = {"Be kind", ""};
  EXPECT_EQ(w.said("MOTD"), "375 me :- irc.example Message of the day -\n"
                            "372 me :- Be kind\n"
                            "372 me :- \n"
                            "376 me :End of MOTD command");
}

TEST_F(ServerVerbs, ShowsWhoRunsIt) { // RFC 2812 §3.4.9
  w.terms->settings.chat.admin.value = {"A town", "A club", "admin@example.org", "more"};
  EXPECT_EQ(w.said("ADMIN"), "256 me irc.example :Administrative info\n"
                             "257 me :A town\n"
                             "258 me :A club\n"
                             "259 me :admin@example.org\n"
                             "259 me :more");
}

TEST_F(ServerVerbs, ShowsAllToAnOperatorWhoMaySee) {
  w.become_operator({"see"});
  auto lines = w.ask("TRACE");
  EXPECT_EQ(lines.size(), 4u);
  EXPECT_NE(joined(lines).find("205 me User users :Ann[~Ann@198.51.100.2]"), std::string::npos);
}

TEST_F(ServerVerbs, Helps) { // modern, HELP message
  auto lines = w.ask("HELP");
  EXPECT_EQ(lines.front(), ":irc.example 704 me * :The commands. HELP <command> tells more");
  EXPECT_EQ(lines.back(), ":irc.example 706 me * :End of /HELP");
  EXPECT_NE(joined(lines).find(" KICK "), std::string::npos);
  EXPECT_EQ(w.said("HELP time"), "704 me TIME :TIME\n"
                                 "705 me TIME :TIME [<server>]\n"
                                 "706 me TIME :End of /HELP");
  EXPECT_EQ(w.said("HELP x y"), "524 me X :No help available on this topic");
}

TEST_F(ServerVerbs, PutsIsupportIntoABatch) { // IRCv3 draft/extended-isupport
  irc_world fresh;
  EXPECT_EQ(fresh.said("ISUPPORT"), "451 * :You have not registered");
  fresh.send("CAP REQ :batch draft/extended-isupport");
  auto lines = fresh.ask("ISUPPORT");
  EXPECT_EQ(lines.front(), ":irc.example BATCH +1 draft/isupport");
  EXPECT_EQ(lines.back(), ":irc.example BATCH -1");
  for (std::size_t i = 1; i + 1 < lines.size(); ++i)
    EXPECT_TRUE(lines[i].starts_with("@batch=1 :irc.example 005 * ")) << lines[i];
  EXPECT_TRUE(w.said("ISUPPORT").starts_with("005 me "));
}

} // namespace
} // namespace hamlet::irc
