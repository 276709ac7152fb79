// SPDX-License-Identifier: Apache-2.0
#include "gateway/smtp/machine.hpp"
#include "gateway/smtp/syntax.hpp"
#include "lib/mail/xtext.hpp"
#include "lib/text/ascii.hpp"
#include "lib/text/utf8.hpp"

#include <algorithm>
#include <array>

namespace hamlet::smtp {

/// What MAIL says, before it counts.
struct machine::sender {
  envelope env;
  std::uint64_t size = 0;
};

namespace {

reply bad_path(mail::path_error why, bool is_sender) {
  using enum mail::path_error;
  std::string code = is_sender ? "5.1.7 " : "5.1.3 ";
  switch (why) {
  case too_long: return {501, code + "Address too long"};
  case needs_utf8: return {553, "5.6.7 Address needs SMTPUTF8"};
  case bad_utf8: return {501, code + "Address is not UTF-8"};
  case bad_domain: return {501, (is_sender ? "5.1.8 " : "5.1.2 ") + std::string{"No such domain"}};
  case none:
  case syntax: break;
  }
  return {501, code + (is_sender ? "Syntax: FROM:<address>" : "Syntax: TO:<address>")};
}

constexpr std::string_view bad_value = "5.5.4 Bad value of ";

reply wrong_value(std::string_view keyword) {
  return {501, std::string{bad_value}.append(keyword)};
}

/// Hands each parameter to `take`, which returns a reply for what it refuses.
template <class F>
std::optional<reply> each_parameter(std::string_view text, bool extended, F take) {
  auto found = parse_parameters(text);
  if (!found)
    return reply{501, "5.5.4 Bad parameter"};
  if (!extended && !found->empty()) // RFC 5321 §4.1.1.11: what HELO did not ask for
    return reply{555, "5.5.4 No parameters without EHLO"};
  for (auto it = found->begin(); it != found->end(); ++it) {
    auto is_same = [&](auto& x) { return ascii::same_word(x.keyword, it->keyword); };
    if (std::any_of(found->begin(), it, is_same))
      return reply{501, "5.5.4 Parameter given twice"};
    if (auto fault = take(it->keyword, it->value))
      return fault;
  }
  return std::nullopt;
}

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> list) {
  return std::ranges::any_of(list, [&](auto x) { return ascii::same_word(x, word); });
}

std::string upper(std::string_view text) {
  std::string out{text};
  for (auto& x : out)
    if (x >= 'a' && x <= 'z')
      x = static_cast<char>(x - 32);
  return out;
}

} // namespace

std::optional<reply> machine::mail_parameter(std::string_view keyword,
                                             std::optional<std::string_view> value,
                                             sender& into) const {
  if (ascii::same_word(keyword, "SMTPUTF8")) { // RFC 6531 §3.4
    into.env.utf8 = true;
    return value ? std::optional{wrong_value(keyword)} : std::nullopt;
  }
  auto text = value.value_or("");
  bool ok = true;
  if (ascii::same_word(keyword, "SIZE")) { // RFC 1870 §6
    auto size = parse_number(text);
    ok = size.has_value();
    into.size = size.value_or(0);
    if (into.size > policy_.max_message)
      return reply{552, "5.3.4 Message too big"};
  } else if (ascii::same_word(keyword, "BODY")) { // RFC 6152 §2, RFC 3030 §3
    into.env.body = upper(text);
    ok = is_one_of(text, {"7BIT", "8BITMIME", "BINARYMIME"});
  } else if (ascii::same_word(keyword, "RET")) { // RFC 3461 §4.3
    into.env.ret = upper(text);
    ok = is_one_of(text, {"FULL", "HDRS"});
  } else if (ascii::same_word(keyword, "ENVID")) { // RFC 3461 §4.4
    into.env.envid = text;
    ok = mail::is_envelope_id(text);
  } else if (ascii::same_word(keyword, "AUTH")) { // RFC 4954 §5: read; nobody is trusted
    ok = !text.empty() && mail::is_xtext(text);
  } else {
    return reply{555, "5.5.4 Unknown parameter"};
  }
  return ok ? std::nullopt : std::optional{wrong_value(keyword)};
}

std::optional<reply> machine::rcpt_parameter(std::string_view keyword,
                                             std::optional<std::string_view> value,
                                             recipient& into) const {
  auto text = value.value_or("");
  if (ascii::same_word(keyword, "NOTIFY")) { // RFC 3461 §4.1
    auto bits = parse_notify(text);
    if (!bits)
      return wrong_value(keyword);
    into.notify = *bits;
  } else if (ascii::same_word(keyword, "ORCPT")) { // RFC 3461 §4.2
    // RFC 6533 §3: UTF-8 in the clear needs SMTPUTF8
    if (!mail::is_original_recipient(text) || (!env_.utf8 && !utf8::is_ascii(text)))
      return wrong_value(keyword);
    into.original = text;
  } else {
    return reply{555, "5.5.4 Unknown parameter"};
  }
  return std::nullopt;
}

/// MAIL and its kin; `why` is set when nullopt is returned.
std::optional<machine::sender> machine::parse_sender(std::string_view arg, reply& why) const {
  auto text = after_keyword(arg, "FROM:");
  mail::path_error fault = mail::path_error::syntax;
  auto path = text ? mail::parse_path(*text, true, fault) : std::nullopt;
  // RFC 5321 §4.1.1.2: a reverse-path has a domain
  if (!path || (!path->null && path->mailbox.domain.empty())) {
    why = bad_path(path ? mail::path_error::syntax : fault, true);
    return std::nullopt;
  }
  sender found;
  found.env.from_null = path->null;
  found.env.from = path->mailbox;
  auto refused = each_parameter(path->rest, extended_, [&](auto keyword, auto value) {
    return mail_parameter(keyword, value, found);
  });
  auto written = text->substr(0, text->size() - path->rest.size());
  if (!refused && !found.env.utf8 && !utf8::is_ascii(written)) // RFC 6531 §3.5
    refused = bad_path(mail::path_error::needs_utf8, true);
  if (refused) {
    why = *refused;
    return std::nullopt;
  }
  return found;
}

/// Its own address, or one of its own with a tag: "name+tag@domain". RFC 5233 §1.
bool machine::is_own(const mail::address& x) const {
  auto without_tag = x;
  if (auto tag = x.local.find(policy_.subaddress_separator); tag != x.local.npos && tag > 0)
    without_tag.local.resize(tag);
  return who_ && std::ranges::any_of(who_->addresses, [&](auto& mine) {
           return ascii::same_word(mine, x.text()) || ascii::same_word(mine, without_tag.text());
         });
}

void machine::begin_mail(std::string_view arg, delivery how, effects& out) {
  // RFC 821 §3.4. Who is there is told to members alone.
  auto offers_chat = policy_.kind == service::submission && policy_.sends_to_chat;
  if (how != delivery::mail && !offers_chat)
    return refuse({502, "5.7.0 Messages to terminals are not offered"}, out);
  if (helo_.empty())
    return refuse({503, "5.5.1 Say EHLO first"}, out); // RFC 5321 §4.1.4
  if (in_mail_)
    return refuse({503, "5.5.1 One message at a time"}, out);
  if (policy_.kind == service::submission && !who_) // RFC 6409 §4.3
    return refuse({530, "5.7.0 Authentication required"}, out);
  if (transactions_ >= policy_.max_transactions)
    return close({421, "4.7.0 Too many messages, connect again"}, out); // RFC 9422 §4.1
  reply why;
  auto found = parse_sender(arg, why);
  if (!found)
    return refuse(std::move(why), out);
  if (how != delivery::mail && found->env.from_null)
    return refuse({553, "5.7.1 Such a message has a sender"}, out);
  // RFC 6409 §6.1. The null path is for notifications of mail programs (RFC 8098 §3).
  if (who_ && !found->env.from_null && !is_own(found->env.from))
    return refuse({553, "5.7.1 That address is not yours"}, out);
  env_ = std::move(found->env);
  env_.how = how;
  declared_size_ = found->size;
  in_mail_ = true;
  ++transactions_;
  say(out, {250, "2.1.0 Ok"});
}

void machine::cmd_mail(std::string_view arg, effects& out) {
  begin_mail(arg, delivery::mail, out);
}

void machine::cmd_send(std::string_view arg, effects& out) {
  begin_mail(arg, delivery::send, out);
}

void machine::cmd_soml(std::string_view arg, effects& out) {
  begin_mail(arg, delivery::send_or_mail, out);
}

void machine::cmd_saml(std::string_view arg, effects& out) {
  begin_mail(arg, delivery::send_and_mail, out);
}

void machine::cmd_rcpt(std::string_view arg, effects& out) {
  if (!in_mail_ || text_) // RFC 5321 §4.1.4, RFC 3030 §2
    return refuse({503, "5.5.1 Bad sequence of commands"}, out);
  auto text = after_keyword(arg, "TO:");
  mail::path_error fault = mail::path_error::syntax;
  auto path = text ? mail::parse_path(*text, true, fault) : std::nullopt;
  if (!path || path->null)
    return refuse(bad_path(path ? mail::path_error::syntax : fault, false), out);
  recipient to{path->mailbox, notify::unspecified, {}};
  if (auto refused = each_parameter(path->rest, extended_, [&](auto keyword, auto value) {
        return rcpt_parameter(keyword, value, to);
      }))
    return refuse(*refused, out);
  auto written = text->substr(0, text->size() - path->rest.size());
  if (!env_.utf8 && !utf8::is_ascii(written))
    return refuse(bad_path(mail::path_error::needs_utf8, false), out);
  if (env_.to.size() >= policy_.max_recipients) // RFC 5321 §4.5.3.1.10
    return refuse({452, "4.5.3 Too many recipients"}, out);
  waits_for_ = question::rcpt;
  asked_ = std::make_unique<recipient>(to);
  out.emplace_back(
    ask_rcpt{std::move(to), declared_size_, env_.to.size(), who_.has_value(), env_.how});
}

void machine::on_rcpt(const reply& verdict, effects& out) {
  if (!answers(question::rcpt))
    return;
  if (verdict.code < 300)
    env_.to.push_back(std::move(*asked_));
  asked_.reset();
  refuse(verdict, out);
  go_on(out);
}

} // namespace hamlet::smtp
