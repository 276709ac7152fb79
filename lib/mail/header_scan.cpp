// SPDX-License-Identifier: Apache-2.0
#include "lib/mail/header_scan.hpp"

#include "lib/mail/header_address.hpp"
#include "lib/mail/header_field.hpp"
#include "lib/text/ascii.hpp"
#include "lib/text/utf8.hpp"

namespace hamlet::mail {

namespace {

constexpr std::size_t max_from = 100;

bool is_space(char x) {
  return x == ' ' || x == '\t';
}

} // namespace

bool header_scanner::line(std::string_view text) {
  if (done_)
    return false;
  if (!text.empty() && is_space(text.front()) && has_begun_) { // RFC 5322 §2.2.3
    facts_.has_8bit |= !utf8::is_ascii(text);
    keep(text);
    return true;
  }
  auto rest = text;
  auto field = take_field(rest);
  if (!field) {
    finish();
    return false;
  }
  end_field();
  facts_.has_8bit |= !utf8::is_ascii(text);
  // All behind the colon, should a stray LF be in it.
  begin_field(field->name, {field->body.begin(), text.end()});
  return true;
}

void header_scanner::finish() {
  end_field();
  done_ = true;
}

void header_scanner::begin_field(std::string_view name, std::string_view body) {
  has_begun_ = true;
  if (ascii::same_word(name, "Received"))
    ++facts_.received;
  facts_.has_date |= ascii::same_word(name, "Date");
  facts_.has_message_id |= ascii::same_word(name, "Message-ID");
  facts_.has_return_path |= ascii::same_word(name, "Return-Path");
  is_kept_ = ascii::same_word(name, "From");
  facts_.has_from |= is_kept_;
  keep(body);
}

void header_scanner::keep(std::string_view text) {
  if (!is_kept_)
    return;
  auto room = max_field - field_.size();
  facts_.from_is_odd |= text.size() > room;
  field_ += text.substr(0, room);
}

void header_scanner::end_field() {
  if (!is_kept_)
    return;
  is_kept_ = false;
  auto found = read_address_list(field_, max_from - facts_.from.size());
  auto before = facts_.from.size();
  for (auto& x : found.entries)
    if (x.who)
      facts_.from.push_back(x.who->text());
  facts_.from_is_odd |= !found.is_complete || facts_.from.size() == before;
  field_ = {};
}

} // namespace hamlet::mail
