// SPDX-License-Identifier: Apache-2.0
#include "tests/gateway/irc/irc_world.hpp"

#include <gtest/gtest.h>

namespace hamlet::irc {
namespace {

using chat::v1::Reply;
using strings = std::vector<std::string>;

const std::string nickserv = ":NickServ!NickServ@irc.example NOTICE me :";
const std::string chanserv = ":ChanServ!ChanServ@irc.example NOTICE me :";

struct Services : testing::Test {
  Services() : w{setup()} {
    w.auth_script = [this](const auth::question& q) {
      auth::answer a;
      a.result = verdict;
      name = std::get<sasl::check_password>(q).authcid;
      a.who.account_id = 42;
      a.who.chat_name = "Alice";
      return a;
    };
    w.enter();
    w.put(irc_world::person(2, "ann"));
  }
  static irc_world::setup setup() {
    irc_world::setup s;
    s.line.is_tls = true;
    s.line.certificate = "c0ffee";
    return s;
  }
  void log_in() {
    verdict = auth::verdict::right;
    w.send("NS IDENTIFY alice sesame");
    w.heard();
    w.asked.clear();
    w.told.clear();
    w.asked_account.clear();
  }

  auth::verdict verdict = auth::verdict::right;
  std::string name;
  irc_world w;
};

TEST_F(Services, AreSpokenToInManyWays) {
  auto help = w.said("NICKSERV HELP LOGOUT");
  EXPECT_EQ(help,
            nickserv + "Usage: LOGOUT\n" + nickserv + "You are nobody's account from then on.");
  for (auto line : {"NS HELP LOGOUT", "ns help logout", "PRIVMSG NickServ :HELP LOGOUT",
                    "PRIVMSG nickserv@services.example :help LOGOUT",
                    "SQUERY NickServ :HELP LOGOUT", "NS :HELP LOGOUT"})
    EXPECT_EQ(w.said(line), help) << line;
  EXPECT_EQ(w.said("PRIVMSG NickServ :\001VERSION\001"), "");
  EXPECT_EQ(w.said("NOTICE NickServ :HELP"), ""); // RFC 2812 §3.3.2
  EXPECT_EQ(w.said("SQUERY nobody :x"), "408 me nobody :No such service");
  EXPECT_EQ(w.said("NS X"), nickserv + "Unknown command X. /msg NickServ HELP lists them");
  EXPECT_EQ(w.said("NS"), "461 me NS :Not enough parameters");
}

TEST_F(Services, AreNobodysNick) {
  for (auto nick : {"NickServ", "chanserv"})
    EXPECT_EQ(w.said(std::string{"NICK "} + nick),
              std::string{"432 me "} + nick + " :Nickname is reserved");
}

TEST_F(Services, AreSpokenToAlone) { // their questions and others' would mix
  EXPECT_EQ(w.said("PRIVMSG NickServ,ann :INFO alice"),
            "407 me NickServ :Speak to a service alone");
  ASSERT_EQ(w.asked.size(), 1u);
  EXPECT_EQ(w.asked[0].tell().nick(), "ann");
}

TEST_F(Services, TellWhatIsMissing) {
  const std::pair<const char*, std::string> rows[] = {
    {"NS REGISTER", nickserv + "Usage: REGISTER <password> [<email>]"},
    {"NS IDENTIFY", nickserv + "Usage: IDENTIFY [<account>] <password>"},
    {"NS GHOST ann",
     nickserv + "You are not logged in: /msg NickServ IDENTIFY <account> <password>"},
    {"CS REGISTER #c",
     chanserv + "You are not logged in: /msg NickServ IDENTIFY <account> <password>"},
    {"CS OP", chanserv + "Usage: OP <channel> [<nick> …]"},
    {"CS OP c", chanserv + "c is no channel"},
    {"CS BAN #c", chanserv + "Usage: BAN <channel> <nick|mask>"},
    {"CS X", chanserv + "Unknown command X. /msg ChanServ HELP lists them"},
  };
  for (auto& [line, expected] : rows)
    EXPECT_EQ(w.said(line), expected) << line;
  EXPECT_TRUE(w.asked.empty());
}

TEST_F(Services, LogIn) {
  EXPECT_EQ(w.said("NS IDENTIFY sesame"), // the account of the nick
            "900 me me!~me@192.0.2.7 Alice :You are now logged in as Alice\n" + nickserv
              + "You are logged in as Alice");
  EXPECT_EQ(name, "me");
  EXPECT_EQ(w.asked.at(0).set_identity().account_id(), 42);
  w.send("NS LOGIN alice sesame");
  EXPECT_EQ(name, "alice");
}

TEST_F(Services, AnswerNothingUntilTheSessionKnowsOfTheLogin) {
  w.holds = true;
  EXPECT_EQ(w.said("NS IDENTIFY sesame\nPING x"), "");
  w.answer_held(); // the password is right
  EXPECT_TRUE(w.has_held());
  EXPECT_EQ(w.heard(), strings{}); // its MODE comes before the answers to what follows
  w.answer_held();
  auto lines = w.heard();
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_NE(lines[0].find(" 900 "), std::string::npos);
  EXPECT_NE(lines[2].find(" PONG "), std::string::npos);
}

TEST_F(Services, DoNotSayThatSomebodyIsInWhomTheSessionDoesNotKnow) {
  w.script = [](const irc::ask&) { return std::optional{refusal(chat::v1::FAILED)}; };
  EXPECT_EQ(w.said("NS IDENTIFY sesame"), nickserv + "That does not work now: try again later");
  w.script = {};
  EXPECT_EQ(w.said("NS LOGOUT"),
            nickserv + "You are not logged in: /msg NickServ IDENTIFY <account> <password>");
}

TEST_F(Services, EndAfterThreeWrongPasswords) {
  const std::pair<auth::verdict, const char*> rows[] = {
    {auth::verdict::temporary, "That does not work now: try again later"}, // is nobody's fault
    {auth::verdict::temporary, "That does not work now: try again later"},
    {auth::verdict::temporary, "That does not work now: try again later"},
    {auth::verdict::wrong, "The account or the password is wrong"},
    {auth::verdict::locked, "The account is disabled"},
  };
  for (auto& [said, expected] : rows) {
    verdict = said;
    EXPECT_EQ(w.said("NS IDENTIFY alice x"), nickserv + expected);
  }
  verdict = auth::verdict::wrong;
  EXPECT_EQ(w.said("NS IDENTIFY alice x"),
            "ERROR :Closing link: (192.0.2.7) [Too many failed logins]");
}

TEST_F(Services, LogOut) { // IRCv3 sasl-3.1, 901
  log_in();
  w.script = [](const irc::ask& x) {
    EXPECT_EQ(x.what.set_identity().account_id(), 0);
    Reply r;
    *r.mutable_who() = irc_world::person(1, "me");
    return std::optional{r};
  };
  EXPECT_EQ(w.said("NS LOGOUT"), "901 me me!~me@me.example :You are now logged out");
}

TEST_F(Services, TakeNicksOnlyFromTheirOwners) {
  log_in();
  EXPECT_EQ(w.said("NS GHOST nobody"), nickserv + "Nobody is called nobody");
  EXPECT_EQ(w.said("NS GHOST me"), nickserv + "That is you");
  EXPECT_EQ(w.said("NS GHOST ann"), nickserv + "ann is not yours"); // nobody answered
  EXPECT_TRUE(w.asked.empty());
  w.account_script = [](const account_request& x) -> account_reply {
    EXPECT_EQ(std::get<account::v1::OwnerOfNick>(x).nick(), "ann");
    account::v1::NickOwner owner;
    owner.set_account_id(42);
    return owner;
  };
  EXPECT_EQ(w.said("NS GHOST ann"), nickserv + "ann is gone");
  ASSERT_EQ(w.asked.size(), 1u);
  EXPECT_EQ(w.asked[0].session_id(), 2);
  EXPECT_TRUE(w.asked[0].kill().silent_ghost());
  w.script = [](const irc::ask& x) {
    Reply r;
    *r.mutable_who() = irc_world::person(1, x.what.set_nick().nick());
    return std::optional{r};
  };
  EXPECT_EQ(w.said("NS REGAIN ann"),
            ":NickServ!NickServ@irc.example NOTICE ann :You are ann again");
  EXPECT_TRUE(w.asked.back().set_nick().forced());
}

TEST_F(Services, KeepCertificates) {
  log_in();
  w.account_script = [](const account_request&) -> account_reply {
    account::v1::Changed done;
    done.set_verdict(account::v1::Changed::OK);
    return done;
  };
  EXPECT_EQ(w.said("NS CERT ADD"), nickserv + "This certificate logs in to your account now");
  EXPECT_EQ(std::get<account::v1::AddCertificate>(w.asked_account.back()).fingerprint(), "c0ffee");
  w.send("NS CERT ADD AB:CD:EF home");
  auto& wish = std::get<account::v1::AddCertificate>(w.asked_account.back());
  EXPECT_EQ(wish.fingerprint(), "abcdef");
  EXPECT_EQ(wish.name(), "home");
  EXPECT_EQ(w.said("NS CERT X"), nickserv + "Usage: CERT <ADD|DEL|LIST> [<fingerprint>]");
}

TEST_F(Services, SendPasswordsOnlyOverTls) {
  irc_world plain;
  plain.enter();
  for (auto line : {"NS IDENTIFY a b", "NS REGISTER sesame"})
    EXPECT_EQ(plain.said(line), nickserv + "Passwords are taken only over TLS") << line;
  EXPECT_TRUE(plain.asked_auth.empty() && plain.asked_account.empty());
}

TEST_F(Services, LookAfterChannels) {
  log_in();
  struct row {
    const char* line;
    chat::v1::Refusal why;
    const char* expected;
  };
  const row rows[] = {
    {"CS REGISTER #c about it", chat::v1::NONE, "#c is yours"},
    {"CS REGISTER #c", chat::v1::IS_REGISTERED, "The channel is registered already"},
    {"CS DROP #c", chat::v1::NONE, "To drop a channel say its name twice: DROP #c #c"},
    {"CS DROP #c #c", chat::v1::NONE, "#c belongs to nobody now"},
    {"CS DROP #c #c", chat::v1::NO_ACCESS, "You have no access to do that"},
    {"CS UP #c", chat::v1::NONE, "Done"},
    {"CS OP #c", chat::v1::NEEDS_OPERATOR, "You must be its operator"},
    {"CS SET #c DESCRIPTION x", chat::v1::NONE, "Set"},
    {"CS FLAGS #c x", chat::v1::NONE, "Usage: FLAGS <channel> [<account> <+flags|->]"},
    {"CS ACCESS #c X", chat::v1::NONE,
     "Usage: ACCESS <channel> <LIST|ADD <account> <q|a|o|h|v>|DEL <account>>"},
    {"CS CLEAR #c users", chat::v1::BAD_REQUEST, "That is not of the right form"},
  };
  for (auto& row : rows) {
    w.script = [&](const irc::ask&) { return std::optional{refusal(row.why)}; };
    EXPECT_EQ(w.said(row.line), chanserv + row.expected) << row.line;
  }
}

TEST_F(Services, GiveAccessToAccountsThatExist) {
  log_in();
  EXPECT_EQ(w.said("CS FLAGS #c nobody +o"), chanserv + "There is no account nobody");
  EXPECT_TRUE(w.asked.empty());
  w.account_script = [](const account_request&) -> account_reply {
    account::v1::AccountFound x;
    x.set_account_id(7);
    x.set_chat_name("Bob");
    return x;
  };
  EXPECT_EQ(w.said("CS FLAGS #c bob +o"), chanserv + "Bob has +o in #c");
  auto& access = w.asked.at(0).set_access();
  EXPECT_EQ(access.account_id(), 7);
  EXPECT_EQ(access.flags(), "o");
  EXPECT_EQ(w.said("CS ACCESS #c DEL bob"), chanserv + "Bob has no access to #c now");
  EXPECT_EQ(w.said("CS TRANSFER #c bob"), chanserv + "Set");
  EXPECT_EQ(w.asked.back().set_channel_option().name(), "founder");
  EXPECT_EQ(w.asked.back().set_channel_option().account_id(), 7);
}

TEST_F(Services, BanWhoIsHereByTheHost) {
  w.send("CS BAN #c ann");
  auto& change = w.asked.at(0).set_modes().changes(0);
  EXPECT_EQ(change.letter(), "b");
  EXPECT_EQ(change.param(), "*!*@ann.example");
}

} // namespace
} // namespace hamlet::irc
