// SPDX-License-Identifier: Apache-2.0
#include "tests/gateway/pop3/pop3_world.hpp"
#include "tests/support/scram_client.hpp"

#include <gtest/gtest.h>

namespace hamlet::pop3 {

namespace {

constexpr std::string_view in = "+OK 0 messages (0 octets)\r\n";
constexpr std::string_view wrong = "-ERR [AUTH] wrong name or password\r\n";
constexpr std::string_view temporary = "-ERR [SYS/TEMP] not possible now, try again later\r\n";
constexpr std::string_view password_please = "+OK now the password\r\n";
constexpr std::string_view needs_tls =
  "-ERR passwords are accepted inside TLS only: STLS first, or use the TLS port\r\n";

struct Authorization : testing::Test {
  static world::setup secured() {
    world::setup x;
    x.line.is_tls = true;
    x.line.binding = {"exporter-data", "hash"};
    return x;
  }
  Authorization() { w.heard(); }

  world w{secured()};

  std::string plain(std::string_view password) {
    return base64::encode(std::string{"\0alice\0", 7} + std::string{password});
  }
  /// The data of a challenge "+ ...".
  std::string challenge(std::string_view heard) {
    if (!heard.starts_with("+ ") || !heard.ends_with("\r\n"))
      return "no challenge: " + std::string{heard};
    return base64::decode(heard.substr(2, heard.size() - 4)).value_or("no base64");
  }
};

} // namespace

TEST_F(Authorization, GreetsWithATimestampWhereThereIsApop) { // RFC 1939 §7
  auto setup = secured();
  EXPECT_EQ(world{setup}.heard(), "+OK mail.example.org POP3 ready <1.2@mail.example.org>\r\n");
  setup.rules.offers_apop = false;
  world without{setup};
  EXPECT_EQ(without.heard(), "+OK mail.example.org POP3 ready\r\n");
  EXPECT_EQ(without.ask("APOP alice 0123456789abcdef0123456789abcdef\r\n"),
            "-ERR APOP is not offered\r\n");
}

TEST_F(Authorization, SaysNothingOfWhoExists) {
  EXPECT_EQ(w.ask("USER nobody\r\n"), password_please);
  EXPECT_EQ(w.ask("PASS secret\r\n"), wrong);
  EXPECT_EQ(w.ask("USER alice\r\nPASS wrong\r\n"),
            std::string{password_please} + std::string{wrong});
}

TEST_F(Authorization, LogsInWithUserAndPass) { // RFC 1939 §7
  EXPECT_EQ(w.ask("user alice\r\npAsS secret\r\n"), std::string{password_please} + std::string{in});
  EXPECT_TRUE(w.is_open);
  EXPECT_EQ(w.ask("USER alice\r\n"), "-ERR you are logged in already\r\n");
  EXPECT_EQ(w.ask("AUTH PLAIN\r\n"), "-ERR you are logged in already\r\n");
}

TEST_F(Authorization, KeepsBlanksOfAPassword) { // RFC 1939 §7
  w.passwords["alice"] = " two  blanks ";
  EXPECT_EQ(w.ask("USER alice\r\nPASS  two  blanks \r\n"),
            std::string{password_please} + std::string{in});
}

TEST_F(Authorization, TakesPassRightBehindUserAlone) { // RFC 1939 §7
  constexpr std::string_view user_first = "-ERR USER comes right before PASS\r\n";
  EXPECT_EQ(w.ask("PASS secret\r\n"), user_first);
  for (auto between :
       {"CAPA", "LANG", "UTF8", "STAT", "NONSENSE", "USER", "AUTH", "US\x01", "\xff"}) {
    world x{[] {
      auto s = secured();
      s.rules.max_errors = 99;
      return s;
    }()};
    x.ask("USER alice\r\n" + std::string{between} + "\r\n");
    EXPECT_EQ(x.ask("PASS secret\r\n"), user_first) << between;
  }
  w.ask("USER alice\r\nPASS wrong\r\n");
  EXPECT_EQ(w.ask("PASS secret\r\n"), user_first);
}

TEST_F(Authorization, RefusesIncompleteCredentials) {
  for (auto line : {"USER", "USER ", "USER alice bob", "USER  alice"})
    EXPECT_EQ(w.ask(std::string{line} + "\r\n"), "-ERR syntax: USER name\r\n") << line;
  for (auto line : {"PASS", "PASS "}) {
    w.ask("USER alice\r\n");
    EXPECT_EQ(w.ask(std::string{line} + "\r\n"), "-ERR syntax: PASS password\r\n") << line;
  }
}

TEST_F(Authorization, ChecksTheDigestOfApop) { // RFC 1939 §7
  auto digest = crypto::md5_hex("<1.2@mail.example.org>secret");
  EXPECT_EQ(w.ask("APOP alice 0123456789abcdef0123456789abcdef\r\n"), wrong);
  for (auto bad : {"APOP", "APOP alice", "APOP alice 12", "APOP a b c",
                   "APOP alice 0123456789abcdef0123456789abcdeg"})
    EXPECT_EQ(w.ask(std::string{bad} + "\r\n"), "-ERR syntax: APOP name digest\r\n") << bad;
  EXPECT_EQ(w.ask("APOP alice " + digest + "\r\n"), in);
}

TEST_F(Authorization, ReadsTheDigestOfApopInAnyCase) {
  auto digest = crypto::md5_hex("<1.2@mail.example.org>secret");
  for (auto& x : digest)
    x = static_cast<char>(std::toupper(x));
  EXPECT_EQ(w.ask("APOP alice " + digest + "\r\n"), in);
}

TEST_F(Authorization, ListsMechanismsOnAuthAlone) {
  EXPECT_EQ(w.ask("AUTH\r\n"),
            "+OK mechanisms follow\r\nSCRAM-SHA-256-PLUS\r\nSCRAM-SHA-256\r\nPLAIN\r\n.\r\n");
}

TEST_F(Authorization, TakesPlainWithAnInitialResponse) { // RFC 5034 §4
  EXPECT_EQ(w.ask("AUTH PLAIN " + plain("secret") + "\r\n"), in);
}

TEST_F(Authorization, AsksForPlainsMessageWithoutAnInitialResponse) { // RFC 5034 §4
  EXPECT_EQ(w.ask("auth plain\r\n"), "+ \r\n");
  EXPECT_EQ(w.ask(plain("secret") + "\r\n"), in);
}

TEST_F(Authorization, ReadsOneEqualsSignAsAnEmptyInitialResponse) { // RFC 5034 §4
  EXPECT_EQ(w.ask("AUTH PLAIN =\r\n"), "-ERR this does not belong to the mechanism\r\n");
  EXPECT_EQ(w.ask("AUTH PLAIN ==\r\n"), "-ERR this is not valid base64\r\n");
}

TEST_F(Authorization, ForgetsACancelledExchange) { // RFC 5034 §4
  w.ask("AUTH PLAIN\r\n");
  EXPECT_EQ(w.ask("*\r\n"), "-ERR authentication cancelled\r\n");
  EXPECT_EQ(w.ask(plain("secret") + "\r\n"), "-ERR unknown command\r\n");
  EXPECT_EQ(w.ask("AUTH PLAIN " + plain("secret") + "\r\n"), in);
}

TEST_F(Authorization, IsNotDisturbedByMalformedResponses) { // RFC 5034 §4
  for (auto bad : {"not base64!", "QUI", "Q\x01UI", "QUIT extra"}) {
    w.ask("AUTH PLAIN\r\n");
    EXPECT_EQ(w.ask(std::string{bad} + "\r\n"), "-ERR this is not valid base64\r\n") << bad;
  }
  w.ask("AUTH PLAIN\r\n");
  EXPECT_EQ(w.ask("QU\nIT\r\n"), "-ERR only CR LF ends a line, and neither stands alone\r\n");
  w.ask("AUTH PLAIN\r\n");
  EXPECT_EQ(w.ask(std::string(12'287, 'A') + "\r\n"), "-ERR the line is too long\r\n");
  EXPECT_EQ(w.ask("AUTH PLAIN " + plain("secret") + "\r\n"), in);
}

TEST_F(Authorization, BoundsResponsesNotAsCommands) { // RFC 5034 §4
  w.ask("AUTH PLAIN\r\n");
  auto message = base64::encode("alice" + std::string(1, '\0') + std::string(200, 'n')
                                + std::string(1, '\0') + std::string(700, 'p'));
  EXPECT_GT(message.size(), 1000u);
  EXPECT_EQ(w.ask(message + "\r\n"), wrong);
}

TEST_F(Authorization, SpeaksScram) { // RFC 5802 §3
  test::scram_client alice{"alice", "secret"};
  for (bool initial : {true, false}) {
    auto setup = secured();
    setup.line.is_tls = false;
    setup.line.binding = {};
    world x{setup};
    x.heard();
    auto first = base64::encode(alice.first()) + "\r\n";
    if (!initial) {
      EXPECT_EQ(x.ask("AUTH SCRAM-SHA-256\r\n"), "+ \r\n");
    }
    auto server_first = challenge(x.ask(initial ? "AUTH SCRAM-SHA-256 " + first : first));
    EXPECT_TRUE(server_first.starts_with("r=clientnonceservernonce1,s=")) << server_first;
    auto signature = challenge(x.ask(base64::encode(alice.final_for(server_first)) + "\r\n"));
    EXPECT_TRUE(signature.starts_with("v=")) << signature;
    EXPECT_FALSE(x.is_open);
    EXPECT_EQ(x.ask("\r\n"), in);
  }
}

TEST_F(Authorization, BindsScramPlusToTheChannel) { // RFC 5802 §6
  auto attempt = [&](std::string binding) {
    test::scram_client alice{"alice", "secret", "p=tls-exporter,,", std::move(binding)};
    auto first =
      challenge(w.ask("AUTH SCRAM-SHA-256-PLUS " + base64::encode(alice.first()) + "\r\n"));
    return w.ask(base64::encode(alice.final_for(first)) + "\r\n");
  };
  EXPECT_EQ(attempt("other-channel"), wrong);
  EXPECT_TRUE(attempt("exporter-data").starts_with("+ "));
  EXPECT_EQ(w.ask("\r\n"), in);
}

TEST_F(Authorization, RefusesAWrongProof) {
  test::scram_client alice{"alice", "guess", "n,,"};
  auto first = challenge(w.ask("AUTH SCRAM-SHA-256 " + base64::encode(alice.first()) + "\r\n"));
  EXPECT_EQ(w.ask(base64::encode(alice.final_for(first)) + "\r\n"), wrong);
}

TEST_F(Authorization, UsesAFreshNonceForEachExchange) { // RFC 5802 §5.1
  test::scram_client alice{"alice", "secret", "n,,"};
  auto line = "AUTH SCRAM-SHA-256 " + base64::encode(alice.first()) + "\r\n";
  auto one = challenge(w.ask(line));
  w.ask("*\r\n");
  EXPECT_NE(challenge(w.ask(line)), one);
}

TEST_F(Authorization, RefusesMechanismsThatAreNotUsable) {
  EXPECT_EQ(w.ask("AUTH GSSAPI\r\n"), "-ERR this mechanism is not offered\r\n");
  EXPECT_EQ(w.ask("AUTH LOGIN\r\n"), "-ERR this mechanism is not offered\r\n");
  EXPECT_EQ(w.ask("AUTH PLAIN QQ== x\r\n"), "-ERR syntax: AUTH [mechanism [initial-response]]\r\n");
  world clear;
  clear.heard();
  EXPECT_EQ(clear.ask("AUTH SCRAM-SHA-256-PLUS\r\n"), "-ERR this mechanism is not offered\r\n");
}

TEST_F(Authorization, TakesNoPasswordInTheClear) { // RFC 2595 §4
  world clear;
  clear.heard();
  for (auto line : {"USER alice\r\n", "PASS secret\r\n", "AUTH PLAIN\r\n"})
    EXPECT_EQ(clear.ask(line), needs_tls) << line;
  EXPECT_EQ(clear.ask("AUTH PLAIN " + plain("secret") + "\r\n"), needs_tls);
  EXPECT_EQ(count<ask_auth>(clear.log), 0u);
  EXPECT_EQ(clear.ask("APOP alice " + crypto::md5_hex("<1.2@mail.example.org>secret") + "\r\n"),
            in);
}

TEST_F(Authorization, TellsWhyALoginFailsOnlyByItsCode) { // RFC 3206 §4, RFC 2449 §8.1
  struct {
    auth::verdict verdict;
    maildrop::status drop;
    std::string_view wanted;
  } table[] = {
    {auth::verdict::wrong, maildrop::status::open, wrong},
    {auth::verdict::locked, maildrop::status::open,
     "-ERR [AUTH] this account is disabled, ask the administrator\r\n"},
    {auth::verdict::throttled, maildrop::status::open, temporary},
    {auth::verdict::temporary, maildrop::status::open, temporary},
    {auth::verdict::right, maildrop::status::in_use,
     "-ERR [IN-USE] another session has the maildrop open\r\n"},
    {auth::verdict::right, maildrop::status::too_soon,
     "-ERR [LOGIN-DELAY] you logged in a moment ago, wait a little\r\n"},
    {auth::verdict::right, maildrop::status::temporary, temporary},
  };
  for (auto& [verdict, drop, wanted] : table) {
    world x{secured()};
    x.verdict_if_right = verdict;
    x.drop = drop;
    x.ask("USER alice\r\n");
    EXPECT_EQ(x.ask("PASS secret\r\n"), wanted);
    EXPECT_EQ(x.ask("AUTH PLAIN " + plain("secret") + "\r\n"), wanted);
    EXPECT_EQ(x.ask("STAT\r\n"), "-ERR log in first: USER, APOP or AUTH\r\n");
    x.verdict_if_right = auth::verdict::right;
    x.drop = maildrop::status::open;
    x.ask("USER alice\r\n");
    EXPECT_EQ(x.ask("PASS secret\r\n"), in); // and it may be tried again
  }
}

TEST_F(Authorization, HangsUpAfterTooManyFailures) {
  w.ask("USER alice\r\nPASS 1\r\nAUTH PLAIN " + plain("2") + "\r\n");
  EXPECT_FALSE(w.is_closed);
  EXPECT_EQ(w.ask("APOP alice 0123456789abcdef0123456789abcdef\r\nQUIT\r\n"), wrong);
  EXPECT_TRUE(w.is_closed);
}

TEST_F(Authorization, TakesUtf8CredentialsBeforeUtf8) { // RFC 6856 §2.2
  w.passwords["ngọc"] = "bí mật";
  EXPECT_EQ(w.ask("USER ngọc\r\nPASS bí mật\r\n"), std::string{password_please} + std::string{in});
}

TEST_F(Authorization, RefusesCredentialsThatAreNotUtf8) { // RFC 6856 §2.2
  for (auto bad : {"USER \xff", "USER \xc0\xaf", "APOP \xed\xa0\x80 0", "PASS \x80"})
    EXPECT_EQ(w.ask(std::string{bad} + "\r\n"),
              "-ERR only ASCII is allowed here, or valid UTF-8 after UTF8\r\n")
      << bad;
}

} // namespace hamlet::pop3
