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

// -- WEBIRC ---------------------------------------------------------------------------------------

TEST(Webirc, TakesTheAddressOfTheClientAndNothingOfItsGateway) { // IRCv3 webirc
  struct row {
    bool is_tls;
    const char* options;
    bool is_secure;
  };
  const row rows[] = {
    {true, "", false},
    {true, " secure", true},
    {true, " :local-port=6697 secure=value", true},
    {true, " insecure", false},
    {false, " secure", false}, // MUST ONLY be secure if the way to us is, too
  };
  for (auto& row : rows) {
    irc_world::setup s;
    s.line.is_tls = row.is_tls;
    s.line.certificate = "c0ffee";
    irc_world w{s};
    chat::v1::Who who;
    std::string modes;
    w.start_script = [&](const chat::v1::Request& x, chat::v1::Reply&) {
      who = x.who();
      modes = x.start_session().user_modes();
    };
    w.send(std::string{"WEBIRC pw gate host.example 2001:db8::7"} + row.options
           + "\nNICK me\nUSER me 0 * :R");
    ASSERT_EQ(w.asked.size(), 1u);
    EXPECT_EQ(w.asked[0].check_gateway().password(), "pw");
    EXPECT_EQ(w.asked[0].check_gateway().certificate(), "c0ffee");
    EXPECT_EQ(who.address(), "2001:db8::7");
    EXPECT_EQ(who.certificate(), "");
    EXPECT_EQ(who.is_secure(), row.is_secure) << row.options;
    EXPECT_EQ(modes, row.is_secure ? "ixZ" : "ix");
  }
}

TEST(Webirc, MustComeFirstAndFromWhoMay) { // IRCv3 webirc, Format
  const std::pair<const char*, const char*> rows[] = {
    {"NICK me\nWEBIRC p g h 192.0.2.1", "WEBIRC must come first"},
    {"CAP LS 302\nWEBIRC p g h 192.0.2.1", "WEBIRC must come first"},
    {"WEBIRC p g h nonsense", "WEBIRC without an address"},
    {"WEBIRC p g h 192.0.2.1", "WEBIRC is not for you"},
  };
  for (auto [lines, why] : rows) {
    irc_world w;
    w.script = [](const irc::ask&) { return refusal(chat::v1::NO_ACCESS); };
    auto heard = w.ask(lines);
    EXPECT_EQ(heard.back(), std::string{"ERROR :Closing link: (192.0.2.7) ["} + why + "]");
    EXPECT_TRUE(w.is_closed);
  }
}

TEST(Webirc, LetsBansCountForTheClient) {
  irc_world w;
  chat::v1::NetworkBan ban;
  ban.set_kind("dline");
  ban.set_mask("198.51.100.0/24");
  ban.set_reason("spam");
  w.rules.set_bans(std::array{ban});
  EXPECT_EQ(w.said("WEBIRC p g h 198.51.100.9"),
            "465 * :You are banned from this server: spam\n"
            "ERROR :Closing link: (198.51.100.9) [Banned: spam]");
}

// -- other protocols, slow and greedy clients -----------------------------------------------------

TEST(Strangers, AreNotAnsweredWhenTheySpeakAnotherProtocol) { // HTTP, TLS, SMTP on the port
  for (std::string_view bytes :
       {"GET / HTTP/1.1\r\n", "POST / HTTP/1.1\r\n", "CONNECT a.example:25 HTTP/1.1\r\n",
        "EHLO me\r\n", "\x16\x03\x01\x02", "SSH-2.0-x\r\n", "Host: irc.example\r\n",
        "\x80\x05\r\n"})
    for (std::size_t piece : {0, 1}) {
      irc_world w;
      w.feed(bytes, piece);
      auto heard = w.heard();
      if (bytes[0] == '\x80') { // no rule says what this is: it is waited for a line
        EXPECT_FALSE(w.is_closed);
        continue;
      }
      ASSERT_EQ(heard.size(), 1u) << bytes;
      EXPECT_EQ(heard[0], "ERROR :Closing link: (192.0.2.7) [This is a chat server]");
      EXPECT_TRUE(w.is_closed);
    }
}

TEST(Strangers, AreGoneAtTheEndOfTheirTime) { // a slow one, too
  irc_world::setup s;
  s.settings.chat_limits.registration_timeout.value = 60s;
  irc_world silent{s};
  silent.pass(59s);
  EXPECT_FALSE(silent.is_closed);
  silent.pass(1s);
  EXPECT_EQ(silent.said(""), "");
  EXPECT_TRUE(silent.is_closed);
  irc_world slow{s};
  for (int i = 0; i < 7 && !slow.is_closed; ++i) {
    slow.feed("N");
    slow.pass(10s);
  }
  EXPECT_TRUE(slow.is_closed);
  EXPECT_EQ(slow.heard().back(), "ERROR :Closing link: (192.0.2.7) [Registration timed out]");
}

TEST(Strangers, MaySendOnlySoMuch) {
  irc_world::setup s;
  s.is_exempt = false;
  s.settings.chat_limits.before_registration.value = 4096;
  for (std::string_view unit : {"PING x\r\n", "\n", "@a=b PING :x\r\n"})
    for (std::size_t piece : {0, 7}) {
      std::string bytes;
      while (bytes.size() <= 4096)
        bytes += unit;
      irc_world w{s};
      w.feed(bytes, piece);
      EXPECT_TRUE(w.is_closed) << unit;
      EXPECT_EQ(w.heard().back(),
                "ERROR :Closing link: (192.0.2.7) [Too much before registration]");
    }
  irc_world w{s}; // what comes behind the registration in one packet is not of these
  std::string bytes = "NICK me\r\nUSER me 0 * :R\r\n";
  while (bytes.size() <= 8000)
    bytes += "PONG x\r\n";
  w.feed(bytes);
  EXPECT_FALSE(w.is_closed);
}

TEST(Strangers, EndBeforeTheSessionHasBegun) { // its SESSION hears so, whenever it begins
  irc_world w;
  w.holds = true;
  w.send("NICK me\nUSER me 0 * :R");
  w.close();
  ASSERT_EQ(w.told.size(), 1u);
  EXPECT_EQ(w.told[0].session_id(), 0); // who gave it a number knows it
  EXPECT_EQ(w.told[0].detach().connection_id(), 7);
  EXPECT_TRUE(w.told[0].detach().was_lost());

  irc_world slow;
  slow.holds = true;
  slow.send("NICK me\nUSER me 0 * :R");
  slow.pass(10min);
  EXPECT_TRUE(slow.is_closed);
  EXPECT_EQ(slow.told.size(), 1u);
  slow.answer_held(); // nothing comes of it

  irc_world busy;
  busy.start_script = [](const chat::v1::Request&, chat::v1::Reply& r) {
    r = refusal(chat::v1::FAILED);
  };
  busy.send("NICK me\nUSER me 0 * :R");
  EXPECT_TRUE(busy.is_closed);
  EXPECT_EQ(busy.told.size(), 1u);
}

} // namespace
} // namespace hamlet::irc
