// SPDX-License-Identifier: Apache-2.0
#include "lib/mail/xtext.hpp"

#include <gtest/gtest.h>

namespace hamlet::mail {

using namespace std::string_view_literals;

TEST(Xtext, IsReadStrictly) { // RFC 3461 §4
  EXPECT_EQ(decode_xtext("a+2Bb+3Dc"), "a+b=c");
  EXPECT_EQ(decode_xtext("+0D+0A+00"), "\r\n\0"sv);
  EXPECT_EQ(decode_xtext(""), "");
  for (auto text : {"+"sv, "a+2"sv, "+2b"sv, "+GG"sv, "a=b"sv, "a b"sv, "\t"sv, "\x7f"sv,
                    "\xc3\xa9"sv, "a\0b"sv, "+ 20"sv})
    EXPECT_FALSE(is_xtext(text)) << text;
}

TEST(Xtext, CarriesEveryOctet) {
  std::string bytes;
  for (int i = 0; i < 256; ++i)
    bytes += static_cast<char>(i);
  EXPECT_EQ(decode_xtext(encode_xtext(bytes)), bytes);
  EXPECT_EQ(encode_xtext("u+v=w x"), "u+2Bv+3Dw+20x");
}

TEST(Utf8Address, HasAFormInAscii) { // RFC 6533 §3
  EXPECT_EQ(encode_utf8_address("d\u00f6+mi@x"), "d\\x{F6}\\x{2B}mi@x");
  for (auto text : {"d\u00f6mi@\u4f8b.x"sv, "a\\b=c+d e@x"sv, "\U0001f600@x"sv})
    EXPECT_EQ(decode_utf8_address(encode_utf8_address(text)), text);
  EXPECT_EQ(decode_utf8_address("d\u00f6mi@x"), "d\u00f6mi@x");
  for (auto text : {"\\"sv, "\\x"sv, "\\x{}"sv, "\\x{F}"sv, "\\x{0F6}"sv, "\\x{f6}"sv,
                    "\\x{D800}"sv, "\\x{110000}"sv, "\\x{1234567}"sv, "\\x{0A}"sv, "\\x{85}"sv,
                    "a+b"sv, "a b"sv, "\xff"sv, "\u009b"sv, "\\y{F6}"sv, "\\x{F6"sv})
    EXPECT_EQ(decode_utf8_address(text), std::nullopt) << text;
}

TEST(DsnParameters, AreChecked) { // RFC 3461 §4.2, §4.4
  for (auto text : {"rfc822;u@x"sv, "rfc822;u+2Bv@x"sv, "X-400;abc"sv, "utf-8;d\\x{F6}mi@x"sv,
                    "utf-8;d\u00f6mi@x"sv})
    EXPECT_TRUE(is_original_recipient(text)) << text;
  for (auto text : {""sv, "u@x"sv, ";u@x"sv, "rfc822;"sv, "rfc 822;u@x"sv, "rfc822;u v"sv,
                    "rfc822;u+0D+0A"sv, "rfc822;u+00"sv, "utf-8;\\x{A}"sv})
    EXPECT_FALSE(is_original_recipient(text)) << text;
  EXPECT_FALSE(is_original_recipient("rfc822;" + std::string(500, 'u')));
  EXPECT_TRUE(is_envelope_id("QQ314159+20x"));
  EXPECT_TRUE(is_envelope_id(std::string(100, 'x')));
  EXPECT_FALSE(is_envelope_id(std::string(101, 'x')));
  for (auto text : {""sv, "+0D+0A"sv, "+C3"sv, "a=b"sv})
    EXPECT_FALSE(is_envelope_id(text)) << text;
}

} // namespace hamlet::mail
