// SPDX-License-Identifier: Apache-2.0
#include "lib/sasl/exchange.hpp"
#include "tests/lib/sasl/steps.hpp"

#include <gtest/gtest.h>

namespace hamlet::sasl {

using namespace std::string_literals;
using namespace std::string_view_literals;

namespace {

exchange of(mechanism m) {
  return {m, {}, "servernonce"};
}

bool is_bad_syntax(const step& s) {
  return failure_of(s) == failure::bad_syntax;
}

} // namespace

TEST(Mechanism, IsFoundByItsNameInAnyCase) {
  for (auto m : {mechanism::plain, mechanism::login, mechanism::scram_sha_256,
                 mechanism::scram_sha_256_plus, mechanism::external})
    EXPECT_EQ(mechanism_named(to_string(m)), m);
  EXPECT_EQ(mechanism_named("plain"), mechanism::plain);
  EXPECT_EQ(mechanism_named("SCRAM-SHA-1"), std::nullopt);
  EXPECT_EQ(mechanism_named(""), std::nullopt);
}

TEST(Plain, AsksForTheNameAndPasswordOfTheInitialResponse) { // RFC 4616 §2
  auto x = of(mechanism::plain);
  auto asked = x.start("\0tim\0tanstaaftanstaaf"sv);
  auto& q = std::get<check_password>(asked);
  EXPECT_EQ(q.authzid, "");
  EXPECT_EQ(q.authcid, "tim");
  EXPECT_EQ(q.password, "tanstaaftanstaaf");
  EXPECT_TRUE(is<success>(x.on_password(true)));
}

TEST(Plain, AsksForTheMessageWithAnEmptyChallenge) { // RFC 4616 §2
  auto x = of(mechanism::plain);
  EXPECT_EQ(std::get<challenge>(x.start(std::nullopt)).data, "");
  auto asked = x.respond("Ursel\0Kurt\0xipj3plmq"sv);
  auto& q = std::get<check_password>(asked);
  EXPECT_EQ(q.authzid, "Ursel");
  EXPECT_EQ(q.authcid, "Kurt");
  EXPECT_EQ(failure_of(x.on_password(false)), failure::bad_credentials);
}

TEST(Plain, RefusesWhatHasNotExactlyTwoNulsNorItsParts) { // RFC 4616 §2
  for (auto message : {""sv, "tim"sv, "\0tim"sv, "\0tim\0"sv, "\0\0pass"sv, "\0tim\0pass\0"sv,
                       "a\0tim\0pass\0word"sv, "\0\0"sv, "\0t\xff\0pass"sv}) {
    auto x = of(mechanism::plain);
    EXPECT_TRUE(is_bad_syntax(x.start(message))) << message;
  }
}

TEST(Plain, BoundsNamesAt255AndPasswordsAt1024Octets) { // RFC 4616 §2
  const auto nul = "\0"s;
  const auto long_name = std::string(255, 'n'), long_password = std::string(1024, 'p');
  EXPECT_TRUE(is<check_password>(
    of(mechanism::plain).start(long_name + nul + long_name + nul + long_password)));
  EXPECT_TRUE(is_bad_syntax(of(mechanism::plain).start("n" + long_name + nul + "n" + nul + "p")));
  EXPECT_TRUE(is_bad_syntax(of(mechanism::plain).start(nul + long_name + "n" + nul + "p")));
  EXPECT_TRUE(is_bad_syntax(of(mechanism::plain).start(nul + "n" + nul + long_password + "p")));
}

TEST(Plain, TakesNoAnswerThatWasNotAskedFor) {
  auto x = of(mechanism::plain);
  EXPECT_TRUE(is_bad_syntax(x.on_password(true)));
  x = of(mechanism::plain);
  x.start("\0n\0p"sv);
  x.on_password(false);
  EXPECT_TRUE(is_bad_syntax(x.on_password(true)));
  EXPECT_TRUE(is_bad_syntax(x.respond("\0n\0p"sv)));
  x = of(mechanism::plain);
  x.start("\0n\0p"sv);
  EXPECT_TRUE(is_bad_syntax(x.respond("\0m\0p"sv)));
  EXPECT_TRUE(is_bad_syntax(x.on_password(true))) << "of the first name or the second?";
}

TEST(Login, PromptsForNameAndPassword) {
  auto x = of(mechanism::login);
  EXPECT_EQ(std::get<challenge>(x.start(std::nullopt)).data, "Username:");
  EXPECT_EQ(std::get<challenge>(x.respond("tim")).data, "Password:");
  auto asked = x.respond("secret");
  EXPECT_EQ(std::get<check_password>(asked).authcid, "tim");
  EXPECT_EQ(std::get<check_password>(asked).password, "secret");
  EXPECT_TRUE(is<success>(x.on_password(true)));
}

TEST(Login, TakesTheInitialResponseForTheName) {
  auto x = of(mechanism::login);
  EXPECT_EQ(std::get<challenge>(x.start("tim")).data, "Password:");
  EXPECT_EQ(std::get<check_password>(x.respond("secret")).authcid, "tim");
}

TEST(Login, RefusesEmptyAndOverlongParts) {
  auto x = of(mechanism::login);
  EXPECT_EQ(std::get<challenge>(x.start("")).data, "Username:");
  EXPECT_TRUE(is_bad_syntax(x.respond("")));
  x = of(mechanism::login);
  EXPECT_TRUE(is_bad_syntax(x.start("a\0b"sv)));
  x = of(mechanism::login);
  EXPECT_TRUE(is_bad_syntax(x.start(std::string(256, 'n'))));
  x = of(mechanism::login);
  x.start("tim");
  EXPECT_TRUE(is_bad_syntax(x.respond("")));
  x = of(mechanism::login);
  x.start("tim");
  EXPECT_TRUE(is_bad_syntax(x.respond(std::string(1025, 'p'))));
}

TEST(Exchange, IsOverAfterACallOutOfTurn) {
  for (auto m : {mechanism::plain, mechanism::login, mechanism::scram_sha_256}) {
    auto x = of(m);
    EXPECT_TRUE(is<challenge>(x.start(std::nullopt)));
    EXPECT_TRUE(is_bad_syntax(x.on_proof("signature")));
    EXPECT_TRUE(is_bad_syntax(x.start(std::nullopt)));
    EXPECT_TRUE(is_bad_syntax(x.respond("tim")));
  }
}

TEST(Exchange, StartsOnce) {
  auto x = of(mechanism::plain);
  x.start("\0n\0p"sv);
  EXPECT_TRUE(is_bad_syntax(x.start(std::nullopt)));
  EXPECT_TRUE(is_bad_syntax(x.on_password(true)));
  x = of(mechanism::plain);
  x.on_password(true);
  EXPECT_TRUE(is_bad_syntax(x.start(std::nullopt)));
}

TEST(Exchange, LooksAtNoMessageBeyondTheLimit) { // RFC 4954 §4
  for (auto m : {mechanism::plain, mechanism::login, mechanism::scram_sha_256}) {
    auto x = of(m);
    EXPECT_TRUE(is_bad_syntax(x.start(std::string(exchange::max_response + 1, 'n'))));
  }
}

} // namespace hamlet::sasl
