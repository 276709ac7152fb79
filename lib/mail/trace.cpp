// SPDX-License-Identifier: Apache-2.0
#include "lib/mail/trace.hpp"

#include "lib/mail/date.hpp"
#include "lib/mail/field.hpp"
#include "lib/mail/literal.hpp"
#include "lib/text/ascii.hpp"
#include "lib/text/domain.hpp"

#include <algorithm>

namespace hamlet::mail {

namespace {

constexpr std::size_t max_name = 255;
constexpr std::size_t max_mailbox = 330; // 64 octets in quotes, '@', 255

bool is_name_text(char x) {
  return x == '-' || x == '.' || x == '_' || ascii::is_letter_or_digit(x);
}

// Devices call themselves "my pc"; what is no domain at least looks like one.
std::string safe_name(std::string_view text) {
  if (auto domain = text::to_ascii_domain(text))
    return *domain;
  if (auto literal = canonical_literal(text.substr(0, max_name + 1)))
    return *literal;
  std::string out{text.substr(0, max_name)};
  std::ranges::replace_if(
    out, [](char x) { return !is_name_text(x); }, '_');
  return out.empty() ? "unknown" : out;
}

std::string atom(std::string_view text) {
  std::string out;
  std::ranges::copy_if(text.substr(0, max_name), std::back_inserter(out), is_name_text);
  return out;
}

std::string protocol(const received_info& info) {
  if (!info.extended)
    return "SMTP";
  std::string out = info.utf8 ? "UTF8SMTP" : "ESMTP";
  if (info.secured)
    out += 'S';
  if (info.authenticated)
    out += 'A';
  return out;
}

} // namespace

std::string received_field(const received_info& info) {
  std::vector<std::string> words{
    "from",        safe_name(info.helo),    '(' + literal_of(info.client_ip) + ')',
    "by",          safe_name(info.by_host), "with",
    protocol(info)};
  if (auto id = atom(info.id); !id.empty())
    words.insert(words.end(), {"id", id});
  auto& to = info.only_recipient;
  if (to && (info.utf8 || !to->internationalized))
    words.insert(words.end(), {"for", '<' + printable_utf8(to->text(), max_mailbox) + '>'});
  words.back() += ';';
  auto date = words_of(rfc5322_date(info.at));
  words.insert(words.end(), date.begin(), date.end());
  return folded_field("Received", words);
}

std::string return_path_field(std::string_view from) {
  return "Return-Path: <" + printable_utf8(from, max_mailbox) + ">\r\n";
}

std::string delivered_to_field(std::string_view to) {
  return "Delivered-To: " + printable_utf8(to, max_mailbox) + "\r\n";
}

std::string message_id(std::string_view id, std::string_view host) {
  return '<' + atom(id) + '@' + safe_name(host) + '>';
}

} // namespace hamlet::mail
