// SPDX-License-Identifier: Apache-2.0
#include "tests/gateway/irc/irc_world.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace hamlet::irc {
namespace {

/// ann and bob are in #open; cat is invisible and alone; dan is an operator, away, a bot; all of
/// #secret are hidden; eve is invisible in #open.
struct Who : testing::Test {
  Who() {
    w.enter();
    auto ann = irc_world::person(2, "ann");
    ann.set_account("annie");
    w.put(ann, {}, 0, w.now.wall_ms - 61'000);
    w.put(irc_world::person(3, "bob"));
    auto cat = irc_world::person(4, "cat");
    cat.set_user_modes("i");
    w.put(cat);
    auto dan = irc_world::person(5, "dan");
    dan.set_is_operator(true);
    dan.set_is_bot(true);
    w.put(dan, "lunch");
    auto eve = irc_world::person(6, "eve");
    eve.set_user_modes("i");
    w.put(eve);
    w.put_channel("#open", {{2, "@+"}, {3, ""}, {6, ""}});
    w.put_channel("#secret", {{3, "@"}}, "+nts");
    w.script = [&](const irc::ask& x) -> std::optional<chat::v1::Reply> {
      chat::v1::Reply r;
      r.set_channel(x.what.channel());
      for (auto [id, prefixes] : {std::pair{2, "@+"}, {3, ""}, {6, ""}}) {
        auto& member = *r.add_members();
        member.mutable_who()->set_session_id(id); // a CHANNEL tells no more than it must
        member.set_prefixes(prefixes);
      }
      return r;
    };
  }

  /// Nicks of the answers, sorted.
  std::string nicks(const std::string& command) {
    std::vector<std::string> all;
    for (auto& line : w.ask(command + "%n"))
      if (line.find(" 354 ") != std::string::npos)
        all.push_back(line.substr(line.rfind(':') + 1));
    std::ranges::sort(all);
    std::string out;
    for (auto& x : all)
      out += (out.empty() ? "" : " ") + x;
    return out;
  }

  irc_world w;
};

TEST_F(Who, ShowsOneUser) { // RFC 2812 §3.6.1; modern, RPL_WHOREPLY
  EXPECT_EQ(w.said("WHO ann"), "352 me #open ~ann ann.example irc.example ann H@ :0 Real ann\n"
                               "315 me ann :End of WHO list");
}

TEST_F(Who, MarksWhoIsAwayAnOperatorAndABot) { // RFC 2812 §5.1, IRCv3 bot mode
  EXPECT_EQ(w.said("WHO dan"), "352 me * ~dan dan.example irc.example dan G*B :0 Real dan\n"
                               "315 me dan :End of WHO list");
}

TEST_F(Who, ShowsAllPrefixesToWhoKnowsThem) { // IRCv3 multi-prefix
  irc_world other;
  other.enter("me", "multi-prefix");
  other.put(irc_world::person(2, "ann"));
  other.put_channel("#open", {{2, "@+"}});
  EXPECT_EQ(other.said("WHO ann"), "352 me #open ~ann ann.example irc.example ann H@+ :0 Real ann\n"
                                   "315 me ann :End of WHO list");
}

TEST_F(Who, FindsByWhatIsShown) { // RFC 2812 §3.6.1: host, server, real name and nick
  const std::pair<const char*, const char*> rows[] = {
    {"WHO a* ", "ann"},
    {"WHO *.example ", "ann bob dan me"}, // the name of the server, for all of them
    {"WHO Real?bob ", "bob"},
    {"WHO ~b?b ", "bob"},
    {"WHO annie ", "ann"},          // by account
    {"WHO *!*@b*.example ", "bob"}, // a mask
    {"WHO b*@b*.example ", ""},     // the user is ~bob
    {"WHO ~b*@b*.example ", "bob"},
    {"WHO 198.51.100.3 ", ""}, // nobody's address is to be found out
    {"WHO *@198.51.100.0/24 ", ""},
    {"WHO nobody ", ""},
    {"WHO * o", "dan"},
    {"WHO *a* n", "ann dan"}, // by nick alone
    {"WHO Real?bob n", ""},
  };
  for (auto [line, expected] : rows)
    EXPECT_EQ(nicks(line), expected) << line;
}

TEST_F(Who, HidesTheInvisible) { // RFC 2812 §3.6.1
  EXPECT_EQ(nicks("WHO * "), "ann bob dan me");
  EXPECT_EQ(nicks("WHO 0 "), "ann bob dan me");
  EXPECT_EQ(nicks("WHO cat "), "cat"); // as WHOIS would
  w.put_channel("#ours", {{1, ""}, {4, ""}});
  EXPECT_EQ(nicks("WHO * "), "ann bob cat dan me");
}

TEST_F(Who, ShowsAllToAnOperatorWhoMaySeeThem) {
  w.become_operator({"kill"});
  EXPECT_EQ(nicks("WHO * "), "ann bob dan me");
  w.become_operator({"see"});
  EXPECT_EQ(nicks("WHO * "), "ann bob cat dan eve me");
  EXPECT_EQ(nicks("WHO 198.51.100.3 "), "bob");
}

TEST_F(Who, AsksTheChannelForItsMembers) { // RFC 2812 §3.6.1
  EXPECT_EQ(w.said("WHO #open"), "352 me #open ~ann ann.example irc.example ann H@ :0 Real ann\n"
                                 "352 me #open ~bob bob.example irc.example bob H :0 Real bob\n"
                                 "315 me #open :End of WHO list");
  ASSERT_EQ(w.asked.size(), 1u);
  EXPECT_TRUE(w.asked[0].has_get_members());
  EXPECT_EQ(w.asked[0].channel(), "#open");
}

TEST_F(Who, ShowsInvisibleMembersToMembers) {
  w.put_channel("#open", {{1, ""}, {2, "@+"}, {3, ""}, {6, ""}});
  EXPECT_EQ(nicks("WHO #open "), "ann bob eve");
}

TEST_F(Who, SaysNothingOfASecretChannel) { // RFC 2811 §4.2.6
  EXPECT_EQ(w.said("WHO #secret"), "315 me #secret :End of WHO list");
  EXPECT_EQ(w.said("WHO #none"), "315 me #none :End of WHO list");
  EXPECT_TRUE(w.asked.empty());
  // Nor as the channel where somebody is.
  w.people.remove_member(3, "#open");
  EXPECT_EQ(w.said("WHO bob"), "352 me * ~bob bob.example irc.example bob H :0 Real bob\n"
                               "315 me bob :End of WHO list");
}

TEST_F(Who, GivesTheFieldsThatAreAskedForInTheirOrder) { // IRCv3 WHOX, RPL_WHOSPCRPL
  const std::pair<const char*, const char*> rows[] = {
    {"WHO ann %cuhnar", "354 me #open ~ann ann.example ann annie :Real ann"},
    {"WHO ann %rancuh", "354 me #open ~ann ann.example ann annie :Real ann"},
    {"WHO ann %afnt,42", "354 me 42 ann H@ :annie"},
    {"WHO bob %na", "354 me bob :0"},
    {"WHO ann %ni", "354 me 255.255.255.255 :ann"},
    {"WHO me %ni", "354 me 192.0.2.7 :me"},
    {"WHO ann %nl", "354 me ann :61"},
    {"WHO ann %tcuihsnfdlaor,7",
     "354 me 7 #open ~ann 255.255.255.255 ann.example irc.example ann H@ 0 61 annie n/a "
     ":Real ann"},
    {"WHO ann %tn,1234", "354 me 0 :ann"}, // at most three digits
    {"WHO ann %tn,1x", "354 me 0 :ann"},
    {"WHO ann %nZ", "354 me :ann"}, // unknown fields are ignored
    {"WHO #open %tn,1", "354 me 1 :ann\n354 me 1 :bob"},
  };
  for (auto [line, expected] : rows) {
    std::string mask = std::string{line}.substr(4, std::string{line}.find(' ', 4) - 4);
    EXPECT_EQ(w.said(line), std::string{expected} + "\n315 me " + mask + " :End of WHO list")
      << line;
  }
}

TEST_F(Who, GivesAddressesToOperatorsWhoMaySeeThem) {
  w.become_operator({"see"});
  EXPECT_EQ(w.said("WHO ann %ni"), "354 me 198.51.100.2 :ann\n315 me ann :End of WHO list");
}

TEST_F(Who, CutsWhatIsTooMuch) {
  for (int i = 10; i < 1100; ++i)
    w.put(irc_world::person(i, "u" + std::to_string(i)));
  auto all = w.ask("WHO u* %n");
  ASSERT_EQ(all.size(), 1002u);
  EXPECT_EQ(all[1000], ":irc.example 416 me WHO :Output too large, truncated");
}

} // namespace
} // namespace hamlet::irc
