// SPDX-License-Identifier: Apache-2.0
#include "lib/mail/date.hpp"
#include "lib/mail/header_field.hpp"
#include "lib/mail/trace.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

namespace hamlet::mail {

using namespace std::string_view_literals;

namespace {

constexpr std::int64_t some_evening = 1'795'295'015;

received_info some_hop() {
  received_info out;
  out.helo = "client.example";
  out.client_ip = "192.0.2.1";
  out.by_host = "mail.here.test";
  out.id = "01ABC";
  out.at = some_evening;
  return out;
}

// A field that is one field, with lines that fit.
void expect_one_field(std::string_view field) {
  EXPECT_TRUE(is_text(field)) << field;
  EXPECT_TRUE(field.ends_with("\r\n")) << field;
  auto rest = field;
  EXPECT_TRUE(take_field(rest)) << field;
  EXPECT_TRUE(rest.empty()) << field;
}

} // namespace

TEST(Date, IsWrittenInUtc) { // RFC 5322 §3.3
  EXPECT_EQ(rfc5322_date(0), "Thu, 1 Jan 1970 00:00:00 +0000");
  EXPECT_EQ(rfc5322_date(some_evening), "Sat, 21 Nov 2026 21:03:35 +0000");
  EXPECT_EQ(rfc5322_date(951'782'400), "Tue, 29 Feb 2000 00:00:00 +0000");
  EXPECT_EQ(rfc5322_date(-1), "Wed, 31 Dec 1969 23:59:59 +0000");
  EXPECT_EQ(rfc5322_date(std::numeric_limits<std::int64_t>::max()),
            "Fri, 31 Dec 9999 23:59:59 +0000");
  EXPECT_EQ(rfc5322_date(std::numeric_limits<std::int64_t>::min()),
            "Mon, 1 Jan 1900 00:00:00 +0000");
}

TEST(Received, TellsTheHop) { // RFC 5321 §4.4
  auto hop = some_hop();
  EXPECT_EQ(received_field(hop),
            "Received: from client.example ([192.0.2.1]) by mail.here.test with ESMTP id\r\n"
            "\t01ABC; Sat, 21 Nov 2026 21:03:35 +0000\r\n");
  hop.client_ip = "2001:db8::1";
  hop.helo = "[ipv6:2001:DB8::1]";
  hop.only_recipient = parse_address("\"a b\"@here.test");
  EXPECT_EQ(received_field(hop),
            "Received: from [IPv6:2001:db8::1] ([IPv6:2001:db8::1]) by mail.here.test with\r\n"
            "\tESMTP id 01ABC for <\"a b\"@here.test>; Sat, 21 Nov 2026 21:03:35 +0000\r\n");
}

TEST(Received, NamesTheProtocol) { // RFC 3848, RFC 6531 §4.3
  struct {
    bool extended, secured, authenticated, utf8;
    std::string_view name;
  } table[] = {
    {false, true, false, false, " SMTP "},    {true, false, false, false, " ESMTP "},
    {true, true, false, false, " ESMTPS "},   {true, false, true, false, " ESMTPA "},
    {true, true, true, false, " ESMTPSA "},   {true, false, false, true, " UTF8SMTP "},
    {true, true, true, true, " UTF8SMTPSA "},
  };
  for (auto& row : table) {
    auto hop = some_hop();
    hop.extended = row.extended;
    hop.secured = row.secured;
    hop.authenticated = row.authenticated;
    hop.utf8 = row.utf8;
    auto text = received_field(hop);
    std::ranges::replace(text, '\r', ' ');
    EXPECT_NE(text.find(row.name), std::string::npos) << text;
  }
}

TEST(Received, CannotBeBrokenByTheClient) {
  for (auto helo : {"x\r\nY: z"sv, "a b"sv, "x;"sv, "x)"sv, "("sv, "\"\\"sv, "\0"sv, "\xff"sv, ""sv,
                    "my_pc"sv, "[x\r\n]"sv, "[192.0.2.1"sv}) {
    auto hop = some_hop();
    hop.helo = helo;
    hop.id = helo;
    hop.client_ip = helo;
    auto field = received_field(hop);
    expect_one_field(field);
    EXPECT_EQ(field.find("Y:"), std::string::npos);
    EXPECT_EQ(field.find(')'), field.rfind(')')) << field;
  }
  auto hop = some_hop();
  hop.helo = std::string(100'000, 'x');
  EXPECT_LT(received_field(hop).size(), 500u);
  expect_one_field(received_field(hop));
  hop = some_hop();
  hop.helo = "my_pc";
  EXPECT_NE(received_field(hop).find("from my_pc ("), std::string::npos);
}

TEST(Received, HidesAnAddressThatNeedsUtf8FromThoseWithoutIt) {
  auto hop = some_hop();
  hop.only_recipient = parse_address("d\u00f6mi@here.test");
  EXPECT_EQ(received_field(hop).find(" for "), std::string::npos);
  hop.utf8 = true;
  EXPECT_NE(received_field(hop).find("<d\u00f6mi@here.test>"), std::string::npos);
}

TEST(Trace, WritesTheOtherFields) {
  EXPECT_EQ(return_path_field(""), "Return-Path: <>\r\n");
  EXPECT_EQ(return_path_field("u@x"), "Return-Path: <u@x>\r\n");
  EXPECT_EQ(delivered_to_field("u@x"), "Delivered-To: u@x\r\n");
  expect_one_field(return_path_field("u\r\nX: y@x"));
  expect_one_field(delivered_to_field("u\nX: y@x\u2028"));
  EXPECT_EQ(message_id("01ABC", "Mail.here.test"), "<01ABC@mail.here.test>");
  EXPECT_EQ(message_id("0>\r\n1", "a\r\nb"), "<01@a__b>");
}

} // namespace hamlet::mail
