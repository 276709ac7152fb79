// SPDX-License-Identifier: Apache-2.0
#include "tests/gateway/irc/irc_world.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace hamlet::irc {
namespace {

using namespace std::chrono_literals;

bool has_line(const std::vector<std::string>& lines, std::string_view part) {
  return std::ranges::any_of(lines, [&](auto& x) { return x.find(part) != x.npos; });
}

std::vector<std::string> numerics(const std::vector<std::string>& lines) {
  std::vector<std::string> all;
  for (auto& line : lines) {
    auto at = line.find(' ') + 1;
    if (line.size() > at + 3 && line.substr(at, 3).find_first_not_of("0123456789") == line.npos
        && (all.empty() || all.back() != line.substr(at, 3)))
      all.push_back(line.substr(at, 3));
  }
  return all;
}

using strings = std::vector<std::string>;

// -- RFC 2812 §3.1, §5.1 --------------------------------------------------------------------------

TEST(Registration, WelcomesWhenNickAndUserAreThereInAnyOrder) { // RFC 2812 §3.1
  for (auto lines : {"NICK me\nUSER me 0 * :Real me", "USER me 0 * :Real me\nNICK me",
                     "PASS x\nNICK me\nUSER me 0 * :Real me", "NICK a\nNICK me\nUSER me 0 * :R"}) {
    irc_world w;
    auto heard = w.ask(lines);
    ASSERT_FALSE(heard.empty()) << lines;
    EXPECT_EQ(heard[0], ":irc.example 001 me :Welcome to the Example network, me!~me@192.0.2.7")
      << lines;
  }
}

TEST(Registration, SaysTheBurstInItsOrder) { // RFC 2812 §5.1; modern, Connection Registration
  irc_world w;
  EXPECT_EQ(numerics(w.ask("NICK me\nUSER me 0 * :Real me")),
            (strings{"001", "002", "003", "004", "005", "251", "252", "253", "254", "255", "265",
                     "266", "422"}));
  irc_world::setup s;
  s.motd = {"Hello"};
  irc_world with_motd{s};
  auto heard = with_motd.ask("NICK me\nUSER me 0 * :Real me");
  EXPECT_TRUE(has_line(heard, "375 me :- irc.example Message of the day -"));
  EXPECT_TRUE(has_line(heard, "372 me :- Hello"));
  EXPECT_TRUE(has_line(heard, "376 me :End of MOTD command"));
}

TEST(Registration, AnswersWhatComesTooEarlyOrTooLate) { // RFC 2812 §3.1, 451, 461, 462, 431, 432
  irc_world w;
  w.put(irc_world::person(2, "ann"));
  EXPECT_EQ(w.said("JOIN #c"), "451 * :You have not registered");
  EXPECT_EQ(w.said("NONSENSE"), "451 * :You have not registered");
  EXPECT_EQ(w.said("NICK"), "431 * :No nickname given");
  EXPECT_EQ(w.said("NICK 1x"), "432 * 1x :Erroneous nickname");
  EXPECT_EQ(w.said("NICK #c"), "432 * #c :Erroneous nickname");
  EXPECT_EQ(w.said("NICK Ann"), "433 * Ann :Nickname is already in use");
  EXPECT_EQ(w.said("NICK NickServ"), "432 * NickServ :Nickname is reserved");
  EXPECT_EQ(w.said("USER me"), "461 * USER :Not enough parameters");
  EXPECT_EQ(w.said("USER me 0 * :"), "461 * USER :Not enough parameters"); // modern, USER
  EXPECT_EQ(w.said("PASS"), "461 * PASS :Not enough parameters");
  EXPECT_EQ(w.said("PING x"), "PONG irc.example :x");
  w.enter();
  EXPECT_EQ(w.said("USER a 0 * :b"), "462 me :You may not reregister");
  EXPECT_EQ(w.said("PASS x"), "462 me :You may not reregister");
  EXPECT_EQ(w.said("WEBIRC p g h 192.0.2.1"), "462 me :You may not reregister");
  EXPECT_EQ(w.said("NONSENSE"), "421 me NONSENSE :Unknown command");
  EXPECT_EQ(w.said("PING"), "409 me :No origin specified");
}

TEST(Registration, CutsNamesToTheirLengths) { // 005 NICKLEN, USERLEN, NAMELEN
  irc_world w;
  std::string user, nick;
  w.start_script = [&](const chat::v1::Request& x, chat::v1::Reply&) {
    user = x.who().user();
    nick = x.who().nick();
  };
  w.send("NICK " + std::string(100, 'n') + "\nUSER " + std::string(100, 'u')
         + "!x 0 * :" + std::string(300, 'r'));
  EXPECT_EQ(nick, std::string(32, 'n'));
  EXPECT_EQ(user, "~" + std::string(17, 'u')); // with its '~'
  irc_world other;
  other.start_script = [&](const chat::v1::Request& x, chat::v1::Reply&) { user = x.who().user(); };
  other.send("NICK me\nUSER a!b@c 0 * :R"); // RFC 2812 §2.3.1: it must not make another mask
  EXPECT_EQ(user, "~a_b_c");
}

TEST(Registration, KeepsRealNamesInUtf8) { // also where messages need not be: who is who is shared
  irc_world::setup s;
  s.settings.chat.utf8_only.value = false;
  irc_world w{s};
  std::string name;
  w.start_script = [&](const chat::v1::Request& x, chat::v1::Reply&) {
    name = x.who().real_name();
  };
  w.send("NICK me\nUSER me 0 * :caf\xe9");
  EXPECT_EQ(name, "caf\xef\xbf\xbd");
  w.send("SETNAME :\xff");
  EXPECT_EQ(w.asked.back().set_real_name().text(), "\xef\xbf\xbd");
  auto odd = irc_world::person(1, "me");
  odd.set_real_name("\xff");
  odd.set_account("me");
  odd.set_account_id(7);
  w.note_who(odd);
  EXPECT_EQ(w.said("MODE me"), "221 me :+");
  w.send("TOPIC #c");
  EXPECT_EQ(w.asked.back().who().account_id(), 7); // nothing of it is lost meanwhile
}

TEST(Registration, LetsChooseAnotherNickWhenTheSessionRefusesIt) { // RFC 2812 §3.1.2, 433
  irc_world w;
  w.start_script = [](const chat::v1::Request& x, chat::v1::Reply& r) {
    if (x.who().nick() == "taken")
      r = refusal(chat::v1::NICK_IN_USE);
  };
  EXPECT_EQ(w.said("NICK taken\nUSER me 0 * :R"), "433 * taken :Nickname is already in use");
  EXPECT_FALSE(w.is_closed);
  EXPECT_TRUE(has_line(w.ask("NICK free"), " 001 free :"));
}

TEST(Registration, SubscribesBehindTheWelcome) { // no event overtakes 001
  irc_world w;
  w.send("NICK me\nUSER me 0 * :R");
  ASSERT_EQ(w.subscribed.size(), 1u);
  EXPECT_NE(w.before_events.find(" 001 "), std::string::npos);
  EXPECT_NE(w.before_events.find(" 422 "), std::string::npos);
}

TEST(Registration, ShowsAResumedSessionItsChannels) {
  irc_world w;
  w.start_script = [](const chat::v1::Request&, chat::v1::Reply& r) {
    r.set_is_resumed(true);
    r.add_channels("#a");
    r.add_channels("#b");
  };
  w.script = [](const irc::ask& x) -> std::optional<chat::v1::Reply> {
    chat::v1::Reply r;
    r.set_channel(x.what.channel());
    r.mutable_topic()->set_text("about " + x.what.channel());
    *r.add_members()->mutable_who() = irc_world::person(1, "me");
    return r;
  };
  auto heard = w.ask("NICK me\nUSER me 0 * :R");
  strings channels;
  for (auto& line : heard)
    if (line.find(" JOIN ") != line.npos || line.find(" 332 ") != line.npos
        || line.find(" 366 ") != line.npos)
      channels.push_back(line.substr(line.find(' ') + 1));
  EXPECT_EQ(channels, (strings{"JOIN #a", "332 me #a :about #a", "366 me #a :End of /NAMES list",
                               "JOIN #b", "332 me #b :about #b", "366 me #b :End of /NAMES list"}));
}

// -- who is not let in ----------------------------------------------------------------------------

struct refused_row {
  chat::v1::Refusal why;
  const char* lines;
};

TEST(Registration, TellsWhyTheConnectionIsRefused) { // RFC 2812 §5.2, 464 and 465
  const refused_row rows[] = {
    {chat::v1::NO_ACCESS, "464 me :Password incorrect\n"
                          "ERROR :Closing link: (192.0.2.7) [Bad password]"},
    {chat::v1::BANNED, "465 me :You are banned from this server: spam\n"
                       "ERROR :Closing link: (192.0.2.7) [Banned: spam]"},
    {chat::v1::FAILED, "ERROR :Closing link: (192.0.2.7) [The server is busy: try again]"},
  };
  for (auto& row : rows) {
    irc_world::setup s;
    s.needs_password = true;
    irc_world w{s};
    w.script = [&](const irc::ask& x) {
      EXPECT_TRUE(x.what.has_check_connection());
      EXPECT_EQ(x.what.check_connection().password(), "sesame");
      EXPECT_EQ(x.of, ask::owner::network);
      return refusal(row.why, "spam");
    };
    EXPECT_EQ(w.said("PASS sesame\nNICK me\nUSER me 0 * :R"), row.lines);
    EXPECT_TRUE(w.is_closed);
    EXPECT_TRUE(w.told.empty()); // there is no session that has to hear of it
  }
}

TEST(Registration, NeedsThePasswordOfTheConnectionOnce) { // RFC 2812 §3.1.1
  irc_world::setup s;
  s.needs_password = true;
  irc_world w{s};
  EXPECT_TRUE(has_line(w.ask("PASS sesame\nNICK me\nUSER me 0 * :R"), " 001 "));
  ASSERT_EQ(w.asked.size(), 1u);
  EXPECT_EQ(w.asked[0].who().nick(), "me");
}

TEST(Registration, RefusesWhoIsBanned) { // RFC 2812 §5.2, 465
  irc_world w;
  chat::v1::NetworkBan ban;
  ban.set_kind("kline");
  ban.set_mask("~bad@*");
  ban.set_reason("spam");
  w.rules.set_bans(std::array{ban});
  EXPECT_EQ(w.said("NICK me\nUSER bad 0 * :R"), "465 me :You are banned from this server: spam\n"
                                                "ERROR :Closing link: (192.0.2.7) [Banned: spam]");
}

TEST(Registration, LetsOnlyMembersInWhereThatIsWanted) { // draft/account-registration
  irc_world::setup s;
  s.settings.chat.needs_account.value = true;
  irc_world w{s};
  w.send("CAP REQ standard-replies");
  EXPECT_EQ(w.said("NICK me\nUSER me 0 * :R\nCAP END"),
            "FAIL * ACCOUNT_REQUIRED :You must log in to an account to use this server\n"
            "ERROR :Closing link: (192.0.2.7) [An account is required]");
}

// -- PASS account:password ------------------------------------------------------------------------

auth::answer yes() {
  auth::answer a;
  a.result = auth::verdict::right;
  a.who.account_id = 42;
  a.who.chat_name = "Alice";
  return a;
}

irc_world::setup secure() {
  irc_world::setup s;
  s.line.is_tls = true;
  return s;
}

TEST(PassLogin, LogsInByAccountAndPassword) {
  for (auto pass : {"alice:pa:ss", "alice/libera:pa:ss"}) {
    irc_world w{secure()};
    w.auth_script = [](const auth::question& q) {
      auto& x = std::get<sasl::check_password>(q);
      EXPECT_EQ(x.authcid, "alice");
      EXPECT_EQ(x.password, "pa:ss");
      return yes();
    };
    auto heard = w.ask(std::string{"PASS "} + pass + "\nNICK me\nUSER me 0 * :R");
    EXPECT_EQ(heard[0],
              ":irc.example 900 me me!~me@192.0.2.7 Alice :You are now logged in as Alice");
    EXPECT_TRUE(has_line(heard, " 001 "));
  }
}

TEST(PassLogin, TellsAWrongPasswordFromATimeWithoutAccounts) { // RFC 2812 §5.2, 464
  const std::pair<auth::verdict, const char*> rows[] = {
    {auth::verdict::wrong, "464 me :Password incorrect\n"
                           "ERROR :Closing link: (192.0.2.7) [Bad password]"},
    {auth::verdict::temporary,
     "ERROR :Closing link: (192.0.2.7) [Logins do not work now: try again later]"},
    {auth::verdict::throttled,
     "ERROR :Closing link: (192.0.2.7) [Logins do not work now: try again later]"},
  };
  for (auto& [verdict, expected] : rows) {
    irc_world w{secure()};
    w.auth_script = [v = verdict](const auth::question&) {
      auth::answer a;
      a.result = v;
      return a;
    };
    EXPECT_EQ(w.said("PASS a:b\nNICK me\nUSER me 0 * :R"), expected);
  }
}

TEST(PassLogin, IsNotTriedWithoutTls) {
  irc_world w;
  auto heard = w.ask("PASS a:b\nNICK me\nUSER me 0 * :R");
  EXPECT_EQ(heard[0], ":irc.example NOTICE me :Your password was not looked at: log in over TLS");
  EXPECT_TRUE(has_line(heard, " 001 "));
  EXPECT_TRUE(w.asked_auth.empty());
}

TEST(PassLogin, LeavesAPasswordOfTheConnectionWithAColonInIt) {
  auto s = secure();
  s.needs_password = true;
  irc_world w{s};
  w.auth_script = [](const auth::question&) {
    auth::answer a;
    a.result = auth::verdict::wrong;
    return a;
  };
  EXPECT_TRUE(has_line(w.ask("PASS a:b\nNICK me\nUSER me 0 * :R"), " 001 "));
  ASSERT_EQ(w.asked.size(), 1u);
  EXPECT_EQ(w.asked[0].check_connection().password(), "a:b");
}

} // namespace
} // namespace hamlet::irc
