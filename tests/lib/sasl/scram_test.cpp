// SPDX-License-Identifier: Apache-2.0
#include "lib/sasl/scram.hpp"
#include "lib/text/base64.hpp"

#include <gtest/gtest.h>

namespace hamlet::sasl {

namespace {

const auto salt_bytes = *base64::decode("W22ZaJ0SNY7soEsUEjb6gQ==");
constexpr auto auth_message =
  "n=user,r=rOprNGfwEbeRWgbNEkqO,"
  "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,"
  "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
const auto proof = *base64::decode("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");

} // namespace

TEST(Scram, JudgesTheProofOfTheStandard) { // RFC 7677 §3
  auto keys = derive_scram_keys("pencil", salt_bytes, 4096);
  EXPECT_EQ(base64::encode(keys.stored_key), "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=");
  EXPECT_EQ(base64::encode(keys.server_key), "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=");
  auto signature = verify_proof(keys, auth_message, proof);
  ASSERT_TRUE(signature);
  EXPECT_EQ(base64::encode(*signature), "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
}

TEST(Scram, RefusesEveryOtherProof) { // RFC 5802 §3
  auto keys = derive_scram_keys("pencil", salt_bytes, 4096);
  for (std::size_t i = 0; i < proof.size(); ++i) {
    auto other = proof;
    other[i] = static_cast<char>(other[i] ^ 1);
    EXPECT_FALSE(verify_proof(keys, auth_message, other));
  }
  EXPECT_FALSE(verify_proof(keys, auth_message, ""));
  EXPECT_FALSE(verify_proof(keys, auth_message, proof + "x"));
  EXPECT_FALSE(verify_proof(keys, std::string{auth_message} + "x", proof));
  EXPECT_FALSE(verify_proof(derive_scram_keys("pencils", salt_bytes, 4096), auth_message, proof));
  EXPECT_FALSE(verify_proof({}, auth_message, proof)) << "an account without keys";
}

TEST(FakeSalt, IsSteadyPerNameAndSecret) {
  EXPECT_EQ(fake_salt("secret", "a"), fake_salt("secret", "a"));
  EXPECT_NE(fake_salt("secret", "a"), fake_salt("secret", "b"));
  EXPECT_NE(fake_salt("secret", "a"), fake_salt("other", "a"));
  EXPECT_EQ(fake_salt("secret", "a").size(), scram_salt_size);
}

} // namespace hamlet::sasl
