// SPDX-License-Identifier: Apache-2.0
#include "lib/sasl/exchange.hpp"
#include "lib/sasl/scram.hpp"
#include "lib/text/base64.hpp"
#include "tests/lib/sasl/steps.hpp"

#include <gtest/gtest.h>

namespace hamlet::sasl {

using namespace std::string_literals;

namespace {

// RFC 7677 §3
constexpr auto our_nonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
constexpr auto nonce = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
const std::string bare = "n=user,r=rOprNGfwEbeRWgbNEkqO";
const std::string proof = "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
const salt its_salt{*base64::decode("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096};
const channel_binding over_tls{"exporter octets", "hash of the certificate"};

exchange scram(const channel_binding& binding = {}) {
  return {mechanism::scram_sha_256, binding, our_nonce};
}
exchange scram_plus(const channel_binding& binding = over_tls) {
  return {mechanism::scram_sha_256_plus, binding, our_nonce};
}

std::string final_with(std::string_view cbind_input, std::string_view its_nonce = nonce,
                       std::string_view its_proof = proof) {
  return "c=" + base64::encode(cbind_input) + ",r=" + std::string{its_nonce}
         + ",p=" + std::string{its_proof};
}

/// The end of an exchange that starts and goes on like this.
step last_step(exchange x, std::string_view first, std::string_view final) {
  auto s = x.start(first);
  if (!is<want_salt>(s))
    return s;
  x.on_salt(its_salt);
  return x.respond(final);
}

} // namespace

TEST(ScramExchange, GoesAsInTheStandard) { // RFC 7677 §3
  auto x = scram();
  EXPECT_EQ(std::get<challenge>(x.start(std::nullopt)).data, "");
  EXPECT_EQ(std::get<want_salt>(x.respond("n,," + bare)).authcid, "user");
  EXPECT_EQ(std::get<challenge>(x.on_salt(its_salt)).data,
            std::string{"r="} + nonce + ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096");
  auto asked = x.respond(final_with("n,,"));
  auto& q = std::get<check_proof>(asked);
  EXPECT_EQ(q.authcid, "user");
  auto keys = derive_scram_keys("pencil", its_salt.bytes, its_salt.iterations);
  auto end = x.on_proof(verify_proof(keys, q.auth_message, q.proof));
  EXPECT_EQ(std::get<challenge>(end).data, "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
  EXPECT_TRUE(is<success>(x.respond("")));
}

TEST(ScramExchange, FailsForAWrongProof) {
  auto x = scram();
  x.start("n,," + bare);
  x.on_salt(its_salt);
  x.respond(final_with("n,,"));
  EXPECT_EQ(failure_of(x.on_proof(std::nullopt)), failure::bad_credentials);
  EXPECT_EQ(failure_of(x.on_proof("signature")), failure::bad_syntax);
  EXPECT_EQ(failure_of(x.respond("")), failure::bad_syntax);
}

TEST(ScramExchange, TakesNothingButAnEmptyFarewell) { // RFC 4954 §4
  auto x = scram();
  x.start("n,," + bare);
  x.on_salt(its_salt);
  x.respond(final_with("n,,"));
  x.on_proof("signature");
  EXPECT_EQ(failure_of(x.respond("x")), failure::bad_syntax);
  EXPECT_EQ(failure_of(x.respond("")), failure::bad_syntax);
}

TEST(ScramExchange, DecodesNames) { // RFC 5802 §5.1
  auto x = scram();
  EXPECT_EQ(std::get<want_salt>(x.start("n,a=boss=2C=3D,n==3Duse=2Cr,r=abc")).authcid, "=use,r");
  x.on_salt(its_salt);
  auto asked = x.respond(final_with("n,a=boss=2C=3D,", std::string{"abc"} + our_nonce));
  EXPECT_EQ(std::get<check_proof>(asked).authzid, "boss,=");
}

TEST(ScramExchange, RefusesFirstMessagesWithoutLegalForm) { // RFC 5802 §7
  const auto long_text = std::string(256, 'x');
  for (auto& message : std::vector<std::string>{
         "",
         "n",
         "n,",
         "n,,",
         ",,n=user,r=abc",
         "x,,n=user,r=abc",
         "p=,,n=user,r=abc",
         "p,,n=user,r=abc",
         "n,user,n=user,r=abc",
         "n,a=,n=user,r=abc",
         "n,,r=abc",
         "n,,n=user",
         "n,,n=user,",
         "n,,n=user,r=",
         "n,,n=,r=abc",
         "n,,N=user,r=abc",
         "n,,n=us=er,r=abc",
         "n,,n=us=2c,r=abc",
         "n,,n=user=,r=abc",
         "n,,n=user=2,r=abc",
         "n,,n=us\xff,r=abc",
         "n,,n=user,r=a bc",
         "n,,n=user,r=a\x80",
         "n,,m=x,n=user,r=abc",
         "n,,n=user,r=abc,m=x",
         "n,,n=user,r=abc,",
         "n,,n=user,r=abc,1=x",
         "n,,n=us" + std::string(1, '\0') + "er,r=abc",
         "n,,n=" + long_text + ",r=abc",
         "n,a=" + long_text + ",n=user,r=abc",
         "n,,n=user,r=" + long_text,
       })
    EXPECT_EQ(failure_of(scram().start(message)), failure::bad_syntax) << message;
}

TEST(ScramExchange, PassesOverExtensions) { // RFC 5802 §5.1
  EXPECT_TRUE(is<want_salt>(scram().start("n,,n=user,r=abc,x=y,Z=zz")));
  auto with_extension = "c=biws,r=" + std::string{nonce} + ",x=y,p=" + proof;
  auto asked = last_step(scram(), "n,," + bare, with_extension);
  EXPECT_TRUE(std::get<check_proof>(asked).auth_message.ends_with(",x=y")) << "it is signed, too";
}

TEST(ScramExchange, RefusesFinalMessagesWithoutLegalForm) { // RFC 5802 §7
  const auto r = ",r=" + std::string{nonce};
  for (auto& message : std::vector<std::string>{
         "",
         "c=biws",
         "c=biws" + r,
         "c=biws" + r + ",p=",
         "c=biws" + r + ",p=AAAA",
         "c=biws" + r + ",p=" + proof + ",",
         "c=biws" + r + ",p=" + proof + ",x=y",
         "c=biws" + r + ",m=x,p=" + proof,
         "c=biws,p=" + proof,
         "c=biws,p=" + proof + r,
         "c=" + r + ",p=" + proof,
         "c=bi*s" + r + ",p=" + proof,
         "c=biws,r=other,p=" + proof,
         "c=biws,r=rOprNGfwEbeRWgbNEkqO,p=" + proof,
         "c=biws" + r + "x,p=" + proof,
       })
    EXPECT_EQ(failure_of(last_step(scram(), "n,," + bare, message)), failure::bad_syntax)
      << message;
}

struct binding_case {
  const char* what;
  exchange x;
  std::string first;
  std::string cbind_input;
  bool fits;
};

TEST(ScramExchange, BindsToTheChannel) { // RFC 5802 §6
  const auto exporter = "p=tls-exporter,,"s, end_point = "p=tls-server-end-point,,"s;
  const channel_binding tls12{"", over_tls.tls_server_end_point};
  binding_case cases[] = {
    {"RFC 9266 §2", scram_plus(), exporter, exporter + over_tls.tls_exporter, true},
    {"RFC 5929 §4", scram_plus(), end_point, end_point + over_tls.tls_server_end_point, true},
    {"TLS 1.2", scram_plus(tls12), end_point, end_point + over_tls.tls_server_end_point, true},
    {"no exporter there", scram_plus(tls12), exporter, exporter, false},
    {"of another channel", scram_plus(), exporter, exporter + "other octets", false},
    {"of the other kind", scram_plus(), exporter, exporter + over_tls.tls_server_end_point, false},
    {"missing", scram_plus(), exporter, exporter, false},
    {"unknown kind", scram_plus(), "p=tls-unique,,", "p=tls-unique,,", false},
    {"-PLUS without binding", scram_plus(), "n,,", "n,,", false},
    {"-PLUS, and yet not offered", scram_plus(), "y,,", "y,,", false},
    {"-PLUS without TLS", scram_plus({}), exporter, exporter, false},
    {"binding without -PLUS", scram(over_tls), exporter, exporter + over_tls.tls_exporter, false},
    {"-PLUS struck from the list", scram(over_tls), "y,,", "y,,", false},
    {"rightly not offered", scram(), "y,,", "y,,", true},
    {"knows none", scram(over_tls), "n,,", "n,,", true},
    {"flag changed on the way", scram(), "n,,", "y,,", false},
    {"authzid changed on the way", scram(), "n,a=me,", "n,a=you,", false},
    {"data after the header", scram(), "n,,", "n,,x", false},
  };
  for (auto& c : cases) {
    auto s = last_step(std::move(c.x), c.first + bare, final_with(c.cbind_input));
    if (c.fits)
      EXPECT_TRUE(is<check_proof>(s)) << c.what;
    else
      EXPECT_EQ(failure_of(s), failure::bad_binding) << c.what;
  }
}

TEST(ScramExchange, TakesNoCallOutOfTurn) {
  auto x = scram();
  EXPECT_EQ(failure_of(x.on_salt(its_salt)), failure::bad_syntax);
  EXPECT_EQ(failure_of(x.start("n,," + bare)), failure::bad_syntax) << "it is over";
  x = scram();
  EXPECT_EQ(failure_of(x.on_proof("signature")), failure::bad_syntax);
  EXPECT_EQ(failure_of(x.respond("")), failure::bad_syntax);
  x = scram();
  x.start("n,," + bare);
  EXPECT_EQ(failure_of(x.respond(final_with("n,,"))), failure::bad_syntax);
  x = scram();
  EXPECT_EQ(failure_of(x.on_password(true)), failure::bad_syntax);
}

TEST(ScramExchange, IsOverWithoutAUsableSalt) {
  for (auto& bad : {salt{"", 4096}, salt{"salt", 0}}) {
    auto x = scram();
    x.start("n,," + bare);
    EXPECT_EQ(failure_of(x.on_salt(bad)), failure::temporary);
    EXPECT_EQ(failure_of(x.respond(final_with("n,,"))), failure::bad_syntax);
  }
}

} // namespace hamlet::sasl
