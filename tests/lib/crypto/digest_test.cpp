// SPDX-License-Identifier: Apache-2.0
#include "lib/crypto/digest.hpp"

#include <gtest/gtest.h>

namespace hamlet::crypto {

namespace {

std::string hex(std::string_view bytes) {
  std::string out;
  char text[3];
  for (auto x : bytes) {
    std::snprintf(text, sizeof text, "%02x", static_cast<unsigned>(static_cast<unsigned char>(x)));
    out += text;
  }
  return out;
}

} // namespace

TEST(Sha256, GivesTheDigestOfTheStandard) { // FIPS 180-4
  EXPECT_EQ(hex(sha1("abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Sha256Stream, DoesNotCareHowTheBytesAreSplit) {
  sha256_stream stream;
  for (auto piece : {"a", "", "bc"})
    stream.add(piece);
  EXPECT_EQ(stream.finish(), sha256("abc"));
  EXPECT_EQ(stream.finish(), sha256("")) << "it starts afresh";
}

TEST(HmacSha256, GivesTheCodesOfTheStandard) { // RFC 4231 §4.2, §4.3, §4.7
  EXPECT_EQ(hex(hmac_sha256(std::string(20, '\x0b'), "Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hex(hmac_sha256(std::string(131, '\xaa'),
                            "Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  EXPECT_EQ(hex(hmac_sha256("", "")),
            "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(Pbkdf2, GivesTheKeyOfTheStandard) { // RFC 7914 §11, the first 32 octets
  EXPECT_EQ(hex(pbkdf2_sha256("passwd", "salt", 1)),
            "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc");
  EXPECT_EQ(pbkdf2_sha256("", "salt", 2).size(), 32u);
}

TEST(Md5, GivesTheDigestOfTheApopExample) { // RFC 1939 §7
  EXPECT_EQ(md5_hex("<1896.697170952@dbc.mtview.ca.us>tanstaaf"),
            "c4c9334bac560ecc979e58001b3e22fb");
}

TEST(ConstantTimeEqual, ComparesAllOctets) {
  EXPECT_TRUE(constant_time_equal("", ""));
  EXPECT_TRUE(constant_time_equal("abc", "abc"));
  EXPECT_FALSE(constant_time_equal("abc", "abd"));
  EXPECT_FALSE(constant_time_equal("abc", "ab"));
  EXPECT_FALSE(constant_time_equal("", "a"));
}

} // namespace hamlet::crypto
