// SPDX-License-Identifier: Apache-2.0
#include "lib/mail/dsn.hpp"

#include "lib/mail/date.hpp"
#include "lib/mail/field.hpp"
#include "lib/mail/header_field.hpp"
#include "lib/mail/trace.hpp"
#include "lib/mail/xtext.hpp"
#include "lib/text/base64.hpp"
#include "lib/text/utf8.hpp"

#include <algorithm>

namespace hamlet::mail {

namespace {

constexpr std::size_t max_mailbox = 330;
constexpr std::size_t max_value = 500;
constexpr std::ptrdiff_t max_returned_header = 256 << 10;

std::string field(std::string_view name, std::string_view value) {
  return folded_field(name, words_of(printable(value, max_value)));
}

std::string_view word_of(dsn_action x) {
  switch (x) {
  case dsn_action::delivered: return "delivered";
  case dsn_action::relayed: return "relayed";
  case dsn_action::delayed: return "delayed";
  case dsn_action::failed: return "failed";
  }
  return "failed";
}

std::string_view class_of(dsn_action x) {
  if (x == dsn_action::failed)
    return "5.0.0";
  return x == dsn_action::delayed ? "4.0.0" : "2.0.0";
}

std::string_view told(dsn_action x) {
  switch (x) {
  case dsn_action::delivered: return "was put into the mailbox";
  case dsn_action::relayed: return "was handed on to a server that sends no such reports";
  case dsn_action::delayed: return "could not be delivered yet; we go on trying";
  case dsn_action::failed: return "could not be delivered";
  }
  return {};
}

std::string_view subject_of(const report_info& info) {
  auto has = [&](dsn_action x) {
    return std::ranges::count(info.recipients, x, &reported_recipient::action) > 0;
  };
  if (has(dsn_action::failed))
    return "Your message could not be delivered";
  return has(dsn_action::delayed) ? "Your message is delayed" : "Your message was delivered";
}

// RFC 3464 §2.3.1, or RFC 6533 §3 for an address that is not ASCII.
std::string typed_address(std::string_view to) {
  auto clean = printable_utf8(to, max_mailbox);
  return utf8::is_ascii(clean) ? "rfc822; " + clean : "utf-8; " + encode_utf8_address(clean);
}

std::string original_recipient(std::string_view orcpt) {
  auto semicolon = orcpt.find(';');
  if (semicolon == orcpt.npos)
    return {};
  auto type = orcpt.substr(0, semicolon), value = orcpt.substr(semicolon + 1);
  auto plain = decode_xtext(value);
  // Text that is not ASCII is in its ASCII form already (RFC 6533 §3), or is left as it was.
  bool decodes = plain && printable(*plain, plain->size()) == *plain;
  return std::string{type} + "; " + (decodes ? *plain : std::string{value});
}

std::string for_people(const report_info& info) {
  auto out = "This is the mail system at " + printable(info.host, max_value) + ".\r\n\r\n";
  for (auto& x : info.recipients) {
    out += "Your message to\r\n  <" + printable_utf8(x.to, max_mailbox) + ">\r\n";
    out += std::string{told(x.action)} + ".\r\n";
    if (!x.diagnostic.empty())
      out += folded_field("  Reason", words_of(printable(x.diagnostic, max_value)));
    out += "\r\n";
  }
  return out;
}

std::string for_programs(const report_info& info) { // RFC 3464 §2.2 and §2.3
  std::string out;
  if (auto id = decode_xtext(info.envelope_id); id && !id->empty())
    out += field("Original-Envelope-Id", *id);
  out += field("Reporting-MTA", "dns; " + info.host);
  out += field("Arrival-Date", rfc5322_date(info.arrived_at));
  for (auto& x : info.recipients) {
    out += "\r\n";
    if (auto was = original_recipient(x.original); !was.empty())
      out += field("Original-Recipient", was);
    out += field("Final-Recipient", typed_address(x.to));
    out += field("Action", word_of(x.action));
    out += field("Status", x.status.empty() ? class_of(x.action) : x.status);
    if (!x.diagnostic.empty())
      out += field("Diagnostic-Code", x.diagnostic);
    out += field("Last-Attempt-Date", rfc5322_date(info.at));
  }
  return out;
}

/// A part without its delimiter lines.
struct part {
  std::string type;
  std::string encoding;
  std::string body;
};

std::string in_base64(std::string_view bytes) {
  constexpr std::size_t octets_a_line = 57;
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += octets_a_line)
    out += base64::encode(bytes.substr(i, octets_a_line)) + "\r\n";
  return out;
}

// RFC 6522 §3, and RFC 6533 §4 for a header that is not ASCII.
part returned(const report_info& info) {
  auto rest = info.original;
  while (rest.data() - info.original.data() < max_returned_header && take_field(rest)) {
  }
  auto header = info.original.substr(0, info.original.size() - rest.size());
  bool is_plain = utf8::is_ascii(header), is_utf8 = utf8::is_valid(header);
  // RFC 2046 §5.2.1: message/rfc822 may not be encoded; RFC 6532 §3.7: message/global may.
  if (info.returns_all && is_plain && is_text(info.original))
    return {"message/rfc822", utf8::is_ascii(rest) ? "7bit" : "8bit", std::string{info.original}};
  if (info.returns_all && !is_plain && is_utf8)
    return {"message/global", "base64", in_base64(info.original)};
  if (is_plain && is_text(header))
    return {"text/rfc822-headers", "7bit", std::string{header}};
  return {is_utf8 && !is_plain ? "message/global-headers" : "text/rfc822-headers", "base64",
          in_base64(header)};
}

// RFC 2046 §5.1.1: no line of a part may begin like a delimiter.
std::string boundary_for(std::string_view id, const std::vector<part>& parts) {
  auto base = "=_report_" + printable(id, 40);
  std::ranges::replace_if(
    base, [](char x) { return x == '"' || x == '\\' || x == ' '; }, '_');
  auto out = base;
  auto is_taken = [&out](const part& x) { return x.body.find("--" + out) != std::string::npos; };
  for (int i = 0; std::ranges::any_of(parts, is_taken); ++i)
    out = base + '_' + std::to_string(i);
  return out;
}

} // namespace

std::string success_report(const report_info& info) {
  auto text = for_people(info);
  bool is_plain = utf8::is_ascii(text);
  std::vector<part> parts{{is_plain ? "text/plain; charset=us-ascii" : "text/plain; charset=utf-8",
                           is_plain ? "7bit" : "8bit", std::move(text)},
                          {"message/delivery-status", "7bit", for_programs(info)}};
  if (!info.original.empty())
    parts.push_back(returned(info));
  auto boundary = boundary_for(info.id, parts);
  bool is_7bit = std::ranges::count(parts, "8bit", &part::encoding) == 0;

  auto out = field("Date", rfc5322_date(info.at));
  out += field("From", "Mail Delivery System <postmaster@" + info.host + '>');
  out += folded_field("To", {'<' + printable_utf8(info.to, max_mailbox) + '>'});
  out += field("Message-ID", message_id(info.id, info.host));
  out += field("Subject", subject_of(info));
  out += "Auto-Submitted: auto-replied\r\n"; // RFC 3834 §5
  out += "MIME-Version: 1.0\r\n";
  out += "Content-Type: multipart/report; report-type=delivery-status;\r\n\tboundary=\"" + boundary
         + "\"\r\n";
  out += std::string{"Content-Transfer-Encoding: "} + (is_7bit ? "7bit" : "8bit") + "\r\n\r\n";
  for (auto& x : parts) {
    out += "--" + boundary + "\r\nContent-Type: " + x.type
           + "\r\nContent-Transfer-Encoding: " + x.encoding + "\r\n\r\n" + x.body + "\r\n";
  }
  return out + "--" + boundary + "--\r\n";
}

} // namespace hamlet::mail
