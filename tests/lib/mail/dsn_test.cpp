// SPDX-License-Identifier: Apache-2.0
#include "lib/mail/dsn.hpp"
#include "lib/mail/header_field.hpp"
#include "lib/mail/mime_walk.hpp"
#include "lib/text/base64.hpp"
#include "lib/text/utf8.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace hamlet::mail {

namespace {

report_info some_report() {
  report_info out;
  out.host = "mail.here.test";
  out.to = "sender@example.org";
  out.id = "01ABC";
  out.at = 1'795'295'015;
  out.arrived_at = 1'795'295'000;
  out.envelope_id = "QQ+2B1";
  out.recipients = {
    {"u@here.test", "rfc822;U+2Bv@example.com", dsn_action::delivered, "2.1.5", ""}};
  out.original = "From: a@b\r\nSubject: x\r\n\r\nsecret\r\n";
  return out;
}

struct seen_part {
  std::string header, body;
};

std::vector<seen_part> parts_of(std::string_view message) {
  std::vector<seen_part> out;
  auto segments = walk_mime(message);
  for (std::size_t i = 0; segments && i < segments->size(); ++i) {
    auto& x = (*segments)[i];
    std::string bytes{message.substr(x.begin, x.end - x.begin)};
    if (x.kind == mime_kind::header)
      out.push_back({bytes, ""});
    else if (x.kind == mime_kind::body)
      out.back().body = bytes;
  }
  return out;
}

bool has_line(std::string_view text, std::string line) {
  return ("\r\n" + std::string{text}).find("\r\n" + line + "\r\n") != std::string::npos;
}

} // namespace

TEST(Report, HasThePartsOfRfc6522) { // RFC 6522 §3, RFC 3464 §2
  auto message = success_report(some_report());
  EXPECT_TRUE(is_text(message));
  EXPECT_TRUE(utf8::is_ascii(message));
  auto parts = parts_of(message);
  ASSERT_EQ(parts.size(), 4u) << message;
  auto& top = parts[0].header;
  EXPECT_TRUE(has_line(top, "Auto-Submitted: auto-replied")); // RFC 3834 §5
  EXPECT_TRUE(has_line(top, "Date: Sat, 21 Nov 2026 21:03:35 +0000"));
  EXPECT_TRUE(has_line(top, "From: Mail Delivery System <postmaster@mail.here.test>"));
  EXPECT_TRUE(has_line(top, "To: <sender@example.org>"));
  EXPECT_TRUE(has_line(top, "Message-ID: <01ABC@mail.here.test>"));
  EXPECT_TRUE(has_line(top, "MIME-Version: 1.0"));
  EXPECT_NE(top.find("multipart/report; report-type=delivery-status;"), std::string::npos);
  EXPECT_NE(parts[1].body.find("<u@here.test>"), std::string::npos);
  EXPECT_NE(parts[2].header.find("message/delivery-status"), std::string::npos);
  auto& status = parts[2].body;
  EXPECT_TRUE(has_line(status, "Reporting-MTA: dns; mail.here.test"));
  EXPECT_TRUE(has_line(status, "Original-Envelope-Id: QQ+1"));
  EXPECT_TRUE(has_line(status, "Arrival-Date: Sat, 21 Nov 2026 21:03:20 +0000"));
  EXPECT_TRUE(has_line(status, "Original-Recipient: rfc822; U+v@example.com"));
  EXPECT_TRUE(has_line(status, "Final-Recipient: rfc822; u@here.test"));
  EXPECT_TRUE(has_line(status, "Action: delivered"));
  EXPECT_TRUE(has_line(status, "Status: 2.1.5"));
  EXPECT_EQ(status.find("Diagnostic-Code"), std::string::npos);
  EXPECT_NE(parts[3].header.find("text/rfc822-headers"), std::string::npos);
  EXPECT_EQ(parts[3].body, "From: a@b\r\nSubject: x\r\n");
  EXPECT_EQ(message.find("secret"), std::string::npos);
}

TEST(Report, GroupsEachRecipient) { // RFC 3464 §2.3
  auto info = some_report();
  info.recipients.push_back({"v@x", "", dsn_action::failed, "", "smtp; 550 5.1.1 no such user"});
  info.recipients.push_back({"w@x", "", dsn_action::relayed, "", ""});
  info.recipients.push_back({"d\u00f6mi@x", "utf-8;d\\x{F6}mi@x", dsn_action::delayed, "", ""});
  info.original = {};
  auto message = success_report(info);
  auto parts = parts_of(message);
  ASSERT_EQ(parts.size(), 3u);
  EXPECT_TRUE(has_line(parts[0].header, "Subject: Your message could not be delivered"));
  EXPECT_TRUE(has_line(parts[0].header, "Content-Transfer-Encoding: 8bit"));
  EXPECT_NE(parts[1].body.find("<d\u00f6mi@x>"), std::string::npos);
  auto& status = parts[2].body;
  EXPECT_TRUE(utf8::is_ascii(status)); // RFC 6533 §3
  for (auto line :
       {"Action: failed", "Status: 5.0.0", "Diagnostic-Code: smtp; 550 5.1.1 no such user",
        "Action: relayed", "Status: 2.0.0", "Action: delayed", "Status: 4.0.0",
        "Final-Recipient: utf-8; d\\x{F6}mi@x", "Original-Recipient: utf-8; d\\x{F6}mi@x"})
    EXPECT_TRUE(has_line(status, line)) << line;
  EXPECT_EQ(std::string{status}.find("\r\n\r\n\r\n"), std::string::npos);
}

TEST(Report, ReturnsAllWhereThatIsAskedFor) { // RFC 3461 §4.3
  auto info = some_report();
  info.returns_all = true;
  EXPECT_NE(success_report(info).find("Content-Type: message/rfc822\r\n"
                                      "Content-Transfer-Encoding: 7bit\r\n\r\nFrom: a@b\r\n"),
            std::string::npos);
  info.original = "From: a@b\r\n\r\n\xff\r\n";
  auto wide = success_report(info);
  EXPECT_NE(wide.find("Content-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n"),
            std::string::npos);
  EXPECT_TRUE(
    has_line(wide.substr(0, wide.find("\r\n\r\n") + 2), "Content-Transfer-Encoding: 8bit"));
  info.original = "Subject: \u00e9\r\n\r\nx\r\n";
  auto global = success_report(info);
  EXPECT_TRUE(utf8::is_ascii(global));
  EXPECT_NE(global.find("Content-Type: message/global\r\nContent-Transfer-Encoding: base64\r\n\r\n"
                        + base64::encode(info.original)),
            std::string::npos);
  info.original = std::string_view{"Subject: x\r\n\r\na\nb\0", 17};
  EXPECT_NE(success_report(info).find("text/rfc822-headers"), std::string::npos);
}

TEST(Report, EncodesAHeaderThatIsNotAscii) {
  auto info = some_report();
  info.original = "Subject: \u00e9\r\n\r\n";
  EXPECT_NE(success_report(info).find("message/global-headers"), std::string::npos);
  info.original = "Subject: \xff\r\n\r\n";
  auto message = success_report(info);
  EXPECT_NE(message.find("text/rfc822-headers\r\nContent-Transfer-Encoding: base64"),
            std::string::npos);
  EXPECT_TRUE(utf8::is_ascii(message));
}

TEST(Report, CannotBeBrokenFromOutside) {
  constexpr std::string_view evil = "x\r\nBcc: v@x\r\n\r\n--=_report_01ABC\r\n\u2028y";
  auto info = some_report();
  info.host = info.to = info.envelope_id = evil;
  info.recipients = {{std::string{evil}, "rfc822;x+0D+0ABcc:+20v@x", dsn_action::failed,
                      std::string{evil}, std::string{evil}},
                     {"u@x", std::string{evil}, dsn_action::failed, "", std::string(100'000, 'x')}};
  auto message = success_report(info);
  EXPECT_TRUE(is_text(message));
  EXPECT_EQ(message.find("\nBcc"), std::string::npos);
  EXPECT_EQ(message.find("\r\n\r\n--=_report_01ABC\r\n\u2028y"), std::string::npos);
  EXPECT_EQ(parts_of(message).size(), 4u);
  EXPECT_LT(message.size(), 20'000u);
}

TEST(Report, PicksABoundaryThatTheOriginalDoesNotHave) {
  auto info = some_report();
  info.returns_all = true;
  info.original = "A: b\r\n\r\n--=_report_01ABC\r\n--=_report_01ABC_0--\r\n";
  auto parts = parts_of(success_report(info));
  ASSERT_EQ(parts.size(), 5u); // with the header of the returned message
  EXPECT_EQ(parts[4].body + "\r\n", "--=_report_01ABC\r\n--=_report_01ABC_0--\r\n\r\n");
}

} // namespace hamlet::mail
