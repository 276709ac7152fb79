// SPDX-License-Identifier: Apache-2.0
#include "tests/actors/account/account_fixture.hpp"

#include <latch>

using namespace std::chrono_literals;

namespace hamlet {

using LoginTest = AccountTest;

TEST_F(LoginTest, KnowsAMemberByEachFormOfTheName) {
  for (auto name : {"ann", "Ann", "ann@example.org", "ANN@Example.ORG"}) {
    auto answer = check(login(name, "right"));
    EXPECT_EQ(answer.verdict(), LoginResult::RIGHT) << name;
    EXPECT_EQ(answer.address(), "ann@example.org") << name;
    EXPECT_TRUE(answered_at_once) << name;
  }
}

TEST_F(LoginTest, TellsWhichAddressesAreHers) {
  change_store<void_t>(
    [](auto& s, auto done) { s.add_alias("info", "example.org", "ann@example.org", done); });
  auto answer = check(login("ann", "right"));
  ASSERT_EQ(answer.addresses_size(), 2);
  EXPECT_EQ(answer.addresses(1), "info@example.org");
}

TEST_F(LoginTest, RefusesLateAndAlike) {
  add("nobody", ""); // has no password at all
  auto wrong = check(login("ann", "wrong"));
  EXPECT_FALSE(answered_at_once);
  EXPECT_EQ(wrong.verdict(), LoginResult::WRONG);
  for (auto name : {"unknown", "nobody", "no name\n at all", ""}) {
    EXPECT_EQ(check(login(name, "wrong")).SerializeAsString(), wrong.SerializeAsString()) << name;
    EXPECT_FALSE(answered_at_once) << name;
  }
}

// A dummy hash is computed for a name that nobody has: the password of the dummy is no key.
TEST_F(LoginTest, DoesNotLetInByTheDummy) {
  EXPECT_EQ(verdict(login("unknown", "nothing")), LoginResult::WRONG);
}

TEST_F(LoginTest, KnowsTheRightPasswordAgainWithoutAHash) {
  check(login("ann", "right"));
  std::latch open{1};
  workers.submit([&] { open.wait(); }); // nobody computes a hash
  auto pending = me->request(actor, patience, login("ann", "right"));
  run(with::store);
  EXPECT_FALSE(me->mailbox().empty());
  open.count_down();
  run();
  EXPECT_EQ(answer_to<LoginResult>(std::move(pending))->verdict(), LoginResult::RIGHT);
}

TEST_F(LoginTest, ForgetsARightPasswordThatWasChanged) {
  auto id = id_of_ann();
  auto fresh = keys_of("new");
  fresh.argon2id = crypto::hash_password("new", cheap).value();
  change_store<void_t>([&](auto& s, auto done) { s.set_password(id, fresh, done); });
  EXPECT_EQ(verdict(login("ann", "right")), LoginResult::WRONG);
  EXPECT_EQ(verdict(login("ann", "new")), LoginResult::RIGHT);
}

TEST_F(LoginTest, LocksOutADisabledAccountThatKnowsItsPassword) {
  auto id = id_of_ann();
  change_store<void_t>(
    [&](auto& s, auto done) { s.set_status(id, sql::account_status::disabled, done); });
  EXPECT_EQ(verdict(login("ann", "right")), LoginResult::LOCKED);
  EXPECT_EQ(verdict(login("ann", "wrong")), LoginResult::WRONG);
}

TEST_F(LoginTest, ThrottlesGuesses) {
  for (auto guess : {"a", "b", "c"})
    EXPECT_EQ(verdict(login("ann", guess)), LoginResult::WRONG);
  EXPECT_EQ(verdict(login("ann", "right")), LoginResult::THROTTLED);
  EXPECT_TRUE(answered_at_once);
  auto from_elsewhere = login("ann", "right");
  from_elsewhere.set_client("10.0.0.2");
  EXPECT_EQ(verdict(from_elsewhere), LoginResult::RIGHT);
}

TEST_F(LoginTest, TakesTheSameWrongPasswordForOneGuess) {
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(verdict(login("ann", "of last year")), LoginResult::WRONG);
  EXPECT_EQ(verdict(login("ann", "right")), LoginResult::RIGHT);
}

// One customer of a provider has 2^64 addresses.
TEST_F(LoginTest, TakesAnIpv6NetworkForOneClient) {
  auto from = [](const std::string& client, const std::string& password) {
    auto msg = login("ann", password);
    msg.set_client(client);
    return msg;
  };
  for (int i = 0; i < 3; ++i) {
    auto guess = std::to_string(i);
    EXPECT_EQ(verdict(from("2001:db8::" + guess, guess)), LoginResult::WRONG);
  }
  EXPECT_EQ(verdict(from("2001:db8::beef", "right")), LoginResult::THROTTLED);
  EXPECT_EQ(verdict(from("2001:db8:0:1::1", "right")), LoginResult::RIGHT);
}

TEST_F(LoginTest, ThrottlesUntilTheWindowIsOver) {
  for (auto guess : {"a", "b", "c"})
    check(login("ann", guess));
  pass(600s);
  EXPECT_EQ(verdict(login("ann", "right")), LoginResult::RIGHT);
}

// RFC 4616 §2
TEST_F(LoginTest, LetsNobodyActAsSomebodyElse) {
  add("bob", "secret");
  auto as = [](const std::string& authzid) {
    auto msg = login("ann", "right");
    msg.set_authzid(authzid);
    return msg;
  };
  EXPECT_EQ(verdict(as("ann")), LoginResult::RIGHT);
  EXPECT_EQ(verdict(as("Ann@example.org")), LoginResult::RIGHT);
  EXPECT_EQ(verdict(as("bob")), LoginResult::WRONG);
  EXPECT_EQ(verdict(as("ann@example.net")), LoginResult::WRONG);
}

// -- device passwords ---------------------------------------------------------

TEST_F(LoginTest, TakesADevicePasswordForItsDoorOnly) {
  auto id = id_of_ann();
  add_device(id, "for mail", sql::door::mail);
  add_device(id, "for chat", sql::door::chat);
  auto by = [](const std::string& password, account::v1::Protocol protocol) {
    auto msg = login("ann", password);
    msg.set_protocol(protocol);
    return msg;
  };
  EXPECT_EQ(verdict(by("for mail", account::v1::SMTP)), LoginResult::RIGHT);
  EXPECT_EQ(verdict(by("for mail", account::v1::POP3)), LoginResult::RIGHT);
  EXPECT_EQ(verdict(by("for mail", account::v1::IRC)), LoginResult::WRONG);
  EXPECT_EQ(verdict(by("for chat", account::v1::POP3)), LoginResult::WRONG);
  EXPECT_EQ(verdict(by("for chat", account::v1::IRC)), LoginResult::RIGHT);
}

// RFC 1939 §7: the secret in the clear is needed, and only a device password is kept so.
TEST_F(LoginTest, TakesApopByADevicePasswordOnly) {
  auto id = id_of_ann();
  add_device(id, "for mail", sql::door::mail);
  add_device(id, "for chat", sql::door::chat);
  auto apop = [](const std::string& secret) {
    CheckApop msg;
    msg.set_name("ann");
    msg.set_timestamp("<1@example.org>");
    msg.set_digest(crypto::md5_hex("<1@example.org>" + secret));
    msg.set_protocol(account::v1::POP3);
    return msg;
  };
  EXPECT_EQ(verdict(apop("for mail")), LoginResult::RIGHT);
  EXPECT_EQ(verdict(apop("for chat")), LoginResult::WRONG);
  EXPECT_EQ(verdict(apop("right")), LoginResult::WRONG);
  EXPECT_FALSE(answered_at_once);
}

// -- SCRAM --------------------------------------------------------------------

/// The client's proof (RFC 5802 §3).
CheckProof prove(const std::string& name, const std::string& password, const LoginResult& salt) {
  CheckProof msg;
  msg.set_name(name);
  msg.set_auth_message("the words of both");
  auto key = crypto::hmac_sha256(crypto::pbkdf2_sha256(password, salt.salt(), salt.iterations()),
                                 "Client Key");
  auto signature = crypto::hmac_sha256(crypto::sha256(key), msg.auth_message());
  for (std::size_t i = 0; i < key.size(); ++i)
    key[i] = static_cast<char>(key[i] ^ signature[i]);
  msg.set_proof(key);
  return msg;
}

SaltOf salt_of(const std::string& name) {
  SaltOf msg;
  msg.set_name(name);
  return msg;
}

TEST_F(LoginTest, TakesScramByEachPasswordOfTheAccount) {
  add_device(id_of_ann(), "for mail", sql::door::mail);
  auto salt = check(salt_of("ann"));
  for (auto password : {"right", "for mail"}) {
    auto answer = check(prove("ann", password, salt));
    EXPECT_EQ(answer.verdict(), LoginResult::RIGHT) << password;
    EXPECT_EQ(answer.server_signature().size(), crypto::sha256_size);
  }
  EXPECT_EQ(verdict(prove("ann", "wrong", salt)), LoginResult::WRONG);
  EXPECT_FALSE(answered_at_once);
  EXPECT_EQ(verdict(prove("unknown", "wrong", salt)), LoginResult::WRONG);
  EXPECT_FALSE(answered_at_once);
}

TEST_F(LoginTest, TakesScramByADevicePasswordForItsDoorOnly) {
  add_device(id_of_ann(), "for mail", sql::door::mail);
  add_device(id_of_ann(), "for chat", sql::door::chat);
  auto by = [&](const std::string& password, account::v1::Protocol protocol) {
    auto msg = prove("ann", password, check(salt_of("ann")));
    msg.set_protocol(protocol);
    return verdict(msg);
  };
  EXPECT_EQ(by("for chat", account::v1::IRC), LoginResult::RIGHT);
  EXPECT_EQ(by("for mail", account::v1::IRC), LoginResult::WRONG);
  EXPECT_EQ(by("for chat", account::v1::POP3), LoginResult::WRONG);
}

// However a name is written, it has one salt: known or not.
TEST_F(LoginTest, GivesEachUnknownNameOneSalt) {
  auto salt = check(salt_of("unknown"));
  EXPECT_EQ(salt.verdict(), LoginResult::RIGHT);
  EXPECT_EQ(salt.salt().size(), std::size_t{sasl::scram_salt_size});
  for (auto same : {"unknown", "Unknown", "unknown@example.org", "UNKNOWN@Example.org"})
    EXPECT_EQ(check(salt_of(same)).SerializeAsString(), salt.SerializeAsString()) << same;
  for (auto other : {"unknown2", "unknown@example.net", "no name\n at all"})
    EXPECT_NE(check(salt_of(other)).salt(), salt.salt()) << other;
}

} // namespace hamlet
