// SPDX-License-Identifier: Apache-2.0
#include "lib/irc/sasl_chunks.hpp"
#include "tests/gateway/irc/irc_world.hpp"

#include <gtest/gtest.h>

namespace hamlet::irc {
namespace {

using strings = std::vector<std::string>;

/// "AUTHENTICATE base64", in as many lines as it takes.
std::string response(const std::string& bytes) {
  std::string lines;
  for (auto& chunk : split_sasl(bytes))
    lines += (lines.empty() ? "AUTHENTICATE " : "\nAUTHENTICATE ") + chunk;
  return lines;
}

std::string plain(const std::string& name = "alice", const std::string& password = "sesame") {
  return response(std::string{'\0'} + name + '\0' + password);
}

/// Over TLS with a certificate; SASL was asked for. Passwords are "sesame".
struct Login : testing::Test {
  Login() : w{setup()} {
    w.auth_script = [this](const auth::question& q) {
      auth::answer a;
      a.result = verdict;
      a.salt = {"salt", 4096};
      if (auto* x = std::get_if<sasl::check_password>(&q); x && !x->password.starts_with("sesame"))
        a.result = auth::verdict::wrong;
      a.who.account_id = 42;
      a.who.chat_name = "Alice";
      return a;
    };
    w.send("CAP REQ :sasl");
    w.heard();
  }
  static irc_world::setup setup() {
    irc_world::setup s;
    s.line.is_tls = true;
    s.line.certificate = "c0ffee";
    s.line.binding.tls_exporter = "exporter";
    s.settings.accounts.registration.value = config::registration::open;
    return s;
  }

  auth::verdict verdict = auth::verdict::right;
  irc_world w;
};

constexpr auto is_in = "900 me me!*@192.0.2.7 Alice :You are now logged in as Alice\n"
                       "903 me :SASL authentication successful";

TEST_F(Login, LogsInByPlain) { // IRCv3 sasl-3.1, 900 and 903
  w.send("NICK me");
  EXPECT_EQ(w.said("AUTHENTICATE plain"), "AUTHENTICATE +");
  EXPECT_EQ(w.said(plain()), is_in);
  auto& asked = std::get<sasl::check_password>(w.asked_auth.at(0));
  EXPECT_EQ(asked.authcid, "alice");
  chat::v1::Who who;
  bool may_resume = false;
  w.start_script = [&](const chat::v1::Request& x, chat::v1::Reply&) {
    who = x.who();
    may_resume = x.start_session().may_resume();
  };
  w.send("USER me 0 * :R\nCAP END");
  EXPECT_EQ(who.account(), "Alice");
  EXPECT_EQ(who.account_id(), 42);
  EXPECT_TRUE(may_resume);
}

TEST_F(Login, TakesALongResponseInPieces) { // IRCv3 sasl-3.1: 400 octets, and "+" at the end
  w.send("NICK me\nAUTHENTICATE PLAIN");
  w.heard();
  auto password = "sesame" + std::string(300 - 2 - 5 - 6, 'e'); // 300 octets are 400 of base64
  EXPECT_EQ(plain("alice", password).substr(13 + 400), "\nAUTHENTICATE +");
  EXPECT_EQ(w.said(plain("alice", password)), is_in);
}

TEST_F(Login, LogsInByCertificate) { // RFC 4422 appendix A
  w.send("NICK me");
  EXPECT_EQ(w.said("AUTHENTICATE EXTERNAL\nAUTHENTICATE +"),
            std::string{"AUTHENTICATE +\n"} + is_in);
  EXPECT_EQ(std::get<auth::check_certificate>(w.asked_auth.at(0)).fingerprint, "c0ffee");
}

struct failure_row {
  const char* lines;
  const char* expected;
};

TEST_F(Login, FailsWithTheNumericOfTheText) { // IRCv3 sasl-3.1, numerics 904 to 908
  const std::string long_chunk = "AUTHENTICATE " + std::string(401, 'A');
  const failure_row rows[] = {
    {"AUTHENTICATE *", "906 * :SASL authentication aborted"},
    {"AUTHENTICATE PLAIN\nAUTHENTICATE *", "AUTHENTICATE +\n906 * :SASL authentication aborted"},
    {"AUTHENTICATE NONSENSE", "908 * PLAIN,SCRAM-SHA-256,SCRAM-SHA-256-PLUS,EXTERNAL :are "
                              "available SASL mechanisms\n904 * :SASL authentication failed"},
    {"AUTHENTICATE LOGIN", "908 * PLAIN,SCRAM-SHA-256,SCRAM-SHA-256-PLUS,EXTERNAL :are "
                           "available SASL mechanisms\n904 * :SASL authentication failed"},
    {"AUTHENTICATE PLAIN\nAUTHENTICATE ???", "AUTHENTICATE +\n904 * :SASL authentication failed"},
    {"AUTHENTICATE PLAIN\nAUTHENTICATE AAAA", "AUTHENTICATE +\n904 * :SASL authentication failed"},
    {"AUTHENTICATE SCRAM-SHA-256\nAUTHENTICATE AAAA",
     "AUTHENTICATE +\n904 * :SASL authentication failed"},
    {"AUTHENTICATE", "461 * AUTHENTICATE :Not enough parameters"},
  };
  for (auto& row : rows)
    EXPECT_EQ(w.said(row.lines), row.expected) << row.lines;
  EXPECT_EQ(w.said("AUTHENTICATE PLAIN\n" + long_chunk),
            "AUTHENTICATE +\n905 * :SASL message too long");
  std::string many = "AUTHENTICATE PLAIN"; // all pieces together are too long
  for (int i = 0; i < 30; ++i)
    many += "\nAUTHENTICATE " + std::string(400, 'A');
  EXPECT_NE(w.said(many).find("905 * :SASL message too long"), std::string::npos);
}

TEST_F(Login, NeedsTheCapability) { // IRCv3 sasl-3.1: MUST enable
  irc_world other{setup()};
  EXPECT_EQ(other.said("AUTHENTICATE PLAIN"),
            "421 * AUTHENTICATE :Ask for the capability sasl first");
}

TEST_F(Login, TellsWhyTheAccountSaysNo) { // IRCv3 sasl-3.1, 902 and 904
  const std::pair<auth::verdict, const char*> rows[] = {
    {auth::verdict::wrong, "904 * :SASL authentication failed"},
    {auth::verdict::locked, "902 * :Your account is disabled"},
    {auth::verdict::throttled, "904 * :SASL authentication failed: try again later"},
    {auth::verdict::temporary, "904 * :SASL authentication failed: try again later"},
  };
  for (auto& [said, expected] : rows) {
    verdict = said;
    EXPECT_EQ(w.said("AUTHENTICATE PLAIN\n" + plain()), std::string{"AUTHENTICATE +\n"} + expected);
  }
  verdict = auth::verdict::right; // it may try again: IRCv3 sasl-3.1
  EXPECT_NE(w.said("AUTHENTICATE PLAIN\n" + plain()).find("903 "), std::string::npos);
}

TEST_F(Login, IsOverAfterThreeWrongPasswords) { // IRCv3 sasl-3.2: tells why, then disconnects
  for (int i = 0; i < 2; ++i)
    w.send("AUTHENTICATE PLAIN\n" + plain("alice", "wrong"));
  EXPECT_FALSE(w.is_closed);
  EXPECT_EQ(w.said("AUTHENTICATE PLAIN\n" + plain("alice", "wrong")),
            "AUTHENTICATE +\n904 * :SASL authentication failed\n"
            "ERROR :Closing link: (192.0.2.7) [Too many failed logins]");
  EXPECT_TRUE(w.is_closed);
}

TEST_F(Login, HappensOnceBeforeTheRegistration) { // IRCv3 sasl-3.1, 907
  w.send("NICK me\nAUTHENTICATE PLAIN\n" + plain());
  EXPECT_EQ(w.said("AUTHENTICATE PLAIN"), "907 me :You have already authenticated using SASL");
}

TEST_F(Login, MayBeRepeatedAfterTheRegistration) { // IRCv3 sasl-3.2, SASL Reauthentication
  w.send("NICK me\nUSER me 0 * :R\nCAP END");
  EXPECT_EQ(w.said("AUTHENTICATE PLAIN\n" + plain()),
            "AUTHENTICATE +\n"
            "900 me me!~me@192.0.2.7 Alice :You are now logged in as Alice\n"
            "903 me :SASL authentication successful");
  ASSERT_EQ(w.asked.size(), 1u);
  EXPECT_EQ(w.asked[0].set_identity().account_id(), 42);
  EXPECT_NE(w.said("AUTHENTICATE PLAIN\n" + plain()).find("903 "), std::string::npos);
  w.script = [](const irc::ask&) { return std::optional{refusal(chat::v1::FAILED)}; };
  EXPECT_EQ(w.said("AUTHENTICATE PLAIN\n" + plain()),
            "AUTHENTICATE +\n904 me :SASL authentication failed: try again later");
}

TEST_F(Login, IsAbortedByTheEndOfTheNegotiation) { // IRCv3 sasl-3.1: 906, and registered without
  w.send("NICK me\nUSER me 0 * :R\nAUTHENTICATE PLAIN");
  w.heard();
  auto said = w.said("CAP END");
  EXPECT_EQ(said.substr(0, said.find('\n')), "906 me :SASL authentication aborted");
  EXPECT_NE(said.find("\n001 me "), std::string::npos);
}

TEST_F(Login, HoldsTheRegistrationUntilItIsOver) {
  for (auto end : {"AUTHENTICATE *", "AUTHENTICATE AAAA", "AUTHENTICATE ?"}) {
    irc_world other{setup()};
    other.send("CAP REQ sasl\nCAP END\nAUTHENTICATE PLAIN\nNICK me\nUSER me 0 * :R");
    EXPECT_EQ(other.ask("PING x").size(), 1u);
    EXPECT_NE(other.said(end).find("001 me "), std::string::npos) << end;
  }
}

TEST_F(Login, OffersWhatThisConnectionCanDo) { // IRCv3 sasl-3.2, Mechanism list
  struct row {
    bool is_tls;
    const char* address;
    const char* certificate;
    const char* expected;
  };
  const row rows[] = {
    {false, "192.0.2.7", "", "SCRAM-SHA-256"},
    {false, "127.0.0.1", "", "PLAIN,SCRAM-SHA-256"}, // nobody reads it on the way
    {false, "::1", "", "PLAIN,SCRAM-SHA-256"},
    {true, "192.0.2.7", "", "PLAIN,SCRAM-SHA-256"},
    {true, "192.0.2.7", "c0ffee", "PLAIN,SCRAM-SHA-256,EXTERNAL"},
  };
  for (auto& row : rows) {
    irc_world::setup s;
    s.line.is_tls = row.is_tls;
    s.line.certificate = row.certificate;
    s.address = row.address;
    irc_world other{s};
    other.send("CAP REQ sasl");
    other.heard();
    auto said = other.said("AUTHENTICATE X");
    EXPECT_EQ(said.substr(0, said.find(" :")), std::string{"908 * "} + row.expected);
  }
}

// -- draft/account-registration -------------------------------------------------------------------

account_reply registered(account::v1::Registered::Verdict verdict) {
  account::v1::Registered r;
  r.set_verdict(verdict);
  r.set_account_id(7);
  r.set_chat_name("me");
  return r;
}

TEST(AccountRegistration, MakesAnAccountAndLogsIn) { // draft/account-registration, Responses
  irc_world w{Login::setup()};
  w.account_script = [](const account_request& x) {
    auto& wish = std::get<account::v1::Register>(x);
    EXPECT_EQ(wish.name(), "me");
    EXPECT_EQ(wish.email(), "*");
    EXPECT_EQ(wish.password(), "sesame");
    EXPECT_EQ(wish.client(), "192.0.2.7");
    return registered(account::v1::Registered::OK);
  };
  w.enter("me", "draft/account-registration");
  EXPECT_EQ(w.said("REGISTER * * sesame"),
            "REGISTER SUCCESS me :The account is yours\n"
            "900 me me!~me@192.0.2.7 me :You are now logged in as me");
  EXPECT_EQ(w.said("REGISTER * * sesame"),
            "FAIL REGISTER ALREADY_AUTHENTICATED me :You are logged in already");
  EXPECT_EQ(w.said("VERIFY me code"),
            "FAIL VERIFY ALREADY_AUTHENTICATED me :You are logged in already");
}

TEST(AccountRegistration, FailsWithTheCodesOfTheText) { // draft/account-registration, Responses
  using V = account::v1::Registered;
  const std::pair<V::Verdict, const char*> rows[] = {
    {V::EXISTS, "FAIL REGISTER ACCOUNT_EXISTS you "},
    {V::INVALID_NAME, "FAIL REGISTER BAD_ACCOUNT_NAME you "},
    {V::WEAK_PASSWORD, "FAIL REGISTER WEAK_PASSWORD you "},
    {V::INVALID_EMAIL, "FAIL REGISTER INVALID_EMAIL you "},
    {V::THROTTLED, "FAIL REGISTER TEMPORARILY_UNAVAILABLE you "},
    {V::TEMPORARY, "FAIL REGISTER TEMPORARILY_UNAVAILABLE you "},
    {V::NEEDS_APPROVAL, "REGISTER VERIFICATION_REQUIRED me "},
  };
  for (auto& [verdict, expected] : rows) {
    irc_world w{Login::setup()};
    w.account_script = [v = verdict](const account_request&) { return registered(v); };
    w.enter("me", "draft/account-registration");
    auto said = w.said("REGISTER you * sesame");
    EXPECT_EQ(said.substr(0, said.find(':')), expected);
  }
  irc_world w{Login::setup()};
  w.enter("me", "draft/account-registration");
  EXPECT_EQ(w.said("REGISTER * * sesame"),
            "FAIL REGISTER TEMPORARILY_UNAVAILABLE me :That does not work now: try again later");
  EXPECT_EQ(w.said("VERIFY me code"), "FAIL VERIFY INVALID_CODE me :There is nothing to verify");
  EXPECT_EQ(w.said("REGISTER x"), "461 me REGISTER :Not enough parameters");
}

TEST(AccountRegistration, ComesEarlyWhereItMay) { // draft/account-registration, before-connect
  auto s = Login::setup();
  irc_world w{s};
  w.account_script = [](const account_request&) { return registered(account::v1::Registered::OK); };
  w.send("CAP REQ draft/account-registration");
  w.heard();
  EXPECT_EQ(w.said("REGISTER me * sesame"), "FAIL REGISTER NEED_NICK * :Choose a nick first");
  EXPECT_EQ(w.said("NICK me\nREGISTER * * sesame").substr(0, 20), "REGISTER SUCCESS me ");

  s.settings.chat.registers_before_connect.value = false;
  irc_world late{s};
  late.send("CAP REQ draft/account-registration\nNICK me");
  late.heard();
  EXPECT_EQ(late.said("REGISTER * * sesame"),
            "FAIL REGISTER COMPLETE_CONNECTION_REQUIRED :Finish connecting first");
  EXPECT_EQ(late.said("VERIFY me 123"),
            "FAIL VERIFY COMPLETE_CONNECTION_REQUIRED :Finish connecting first");

  s.settings.chat.registers_before_connect.value = true;
  s.needs_password = true; // an account made early would be a way around it
  irc_world guarded{s};
  guarded.send("CAP REQ draft/account-registration\nNICK me");
  guarded.heard();
  EXPECT_EQ(guarded.said("REGISTER * * sesame"),
            "FAIL REGISTER COMPLETE_CONNECTION_REQUIRED :Finish connecting first");
}

TEST(AccountRegistration, TakesNoPasswordInTheClear) {
  auto s = Login::setup();
  s.line.is_tls = false;
  irc_world w{s};
  w.enter("me", "draft/account-registration");
  EXPECT_EQ(w.said("REGISTER * * sesame"),
            "FAIL REGISTER DISALLOWED me :Passwords are taken only over TLS");
  EXPECT_TRUE(w.asked_account.empty());
}

} // namespace
} // namespace hamlet::irc
