// SPDX-License-Identifier: Apache-2.0
#include "gateway/smtp/syntax.hpp"

#include <gtest/gtest.h>

#include <limits>

using namespace std::string_literals;

namespace hamlet::smtp {

namespace {

std::string written(const reply& r) {
  effects out;
  say(out, r);
  return std::get<write>(out.at(0)).bytes;
}

} // namespace

TEST(SmtpSyntax, SplitsTheVerbFromItsArgument) { // RFC 5321 §4.1.1
  using pair = std::pair<std::string_view, std::string_view>;
  EXPECT_EQ(split("NOOP"), pair("NOOP", ""));
  EXPECT_EQ(split("NOOP \t "), pair("NOOP", ""));
  EXPECT_EQ(split("MAIL  FROM:<a@b> SIZE=1  "), pair("MAIL", "FROM:<a@b> SIZE=1"));
  EXPECT_EQ(split(""), pair("", ""));
  EXPECT_EQ(split(" NOOP"), pair("", "NOOP"));
}

TEST(SmtpSyntax, ReadsParameters) { // RFC 5321 §4.1.2
  auto found = parse_parameters("SIZE=10  BODY=8BITMIME smtputf8 X-a=b;c,<>+");
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 4);
  EXPECT_EQ((*found)[0].keyword, "SIZE");
  EXPECT_EQ((*found)[0].value, "10");
  EXPECT_FALSE((*found)[2].value);
  EXPECT_EQ((*found)[3].value, "b;c,<>+");
  for (auto bad : {"=1", "-A=1", "A_B=1", "A=", "A=b=c", "A=\t", "A=\x7f", "A=\xff", "\xc3\xa9=1"})
    EXPECT_FALSE(parse_parameters(bad)) << bad;
  EXPECT_FALSE(parse_parameters("A=\0"s));
  EXPECT_TRUE(parse_parameters("A=\xc3\xa9")); // RFC 6531 §3.3
}

TEST(SmtpSyntax, ReadsNumbers) {
  EXPECT_EQ(parse_number("0"), 0);
  EXPECT_EQ(parse_number("00012"), 12);
  EXPECT_EQ(parse_number("18446744073709551615"), std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(parse_number("99999999999999999999"), std::numeric_limits<std::uint64_t>::max());
  for (auto bad : {"", "-1", "+1", "1a", " 1", "0x1", "999999999999999999999"})
    EXPECT_FALSE(parse_number(bad)) << bad;
}

TEST(SmtpSyntax, ReadsNotify) { // RFC 3461 §4.1
  EXPECT_EQ(parse_notify("never"), notify::never);
  EXPECT_EQ(parse_notify("SUCCESS,failure"), notify::success | notify::failure);
  EXPECT_EQ(parse_notify("DELAY"), notify::delay);
  for (auto bad : {"", ",", "NEVER,SUCCESS", "SUCCESS,NEVER", "SUCCESS,", "SOMETIMES"})
    EXPECT_FALSE(parse_notify(bad)) << bad;
}

TEST(SmtpSyntax, TakesClientNamesThatDoNoHarm) { // RFC 5321 §4.1.3
  for (auto good : {"a", "mail.example.org", "my_pc", "[192.0.2.1]", "[IPv6:2001:db8::1]", "xn--a"})
    EXPECT_TRUE(is_client_name(good)) << good;
  for (auto bad : {"", "a b", "a\tb", "a\x01", "a(b)", "<a>", "a\"", "a;b", "[]x", "[a", "[[a]]",
                   "[]", "\xc3\xa9"})
    EXPECT_FALSE(is_client_name(bad)) << bad;
  EXPECT_FALSE(is_client_name("a\0b"s));
  EXPECT_TRUE(is_client_name(std::string(255, 'a')));
  EXPECT_FALSE(is_client_name(std::string(256, 'a')));
}

TEST(SmtpSyntax, WritesEachLineWithItsCodes) { // RFC 5321 §4.2.1, RFC 2034 §4
  EXPECT_EQ(written({250, "2.0.0 Ok"}), "250 2.0.0 Ok\r\n");
  EXPECT_EQ(written({214, "2.0.0 a\nb\n2.0.0 c"}), "214-2.0.0 a\r\n214-2.0.0 b\r\n214 2.0.0 c\r\n");
  EXPECT_EQ(written({250, "host\nSIZE 1"}), "250-host\r\n250 SIZE 1\r\n");
  EXPECT_EQ(written({550, "5.1.1 a\r250 b\x01"}), "550 5.1.1 a?250 b?\r\n");
  EXPECT_EQ(written({550, std::string(600, 'x')}).size(), 512); // RFC 5321 §4.5.3.1.5
}

} // namespace hamlet::smtp
