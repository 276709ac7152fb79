// SPDX-License-Identifier: Apache-2.0
#include "lib/mail/downgrade.hpp"

#include "lib/mail/encoded_word.hpp"
#include "lib/mail/field.hpp"
#include "lib/mail/header_address.hpp"
#include "lib/mail/header_field.hpp"
#include "lib/mail/mime_walk.hpp"
#include "lib/text/ascii.hpp"
#include "lib/text/domain.hpp"
#include "lib/text/utf8.hpp"

#include <algorithm>

namespace hamlet::mail {

namespace {

constexpr std::size_t max_addresses = 10'000;
constexpr std::size_t max_word = 900;
constexpr std::string_view nobody = "<invalid@internationalized-address.invalid>"; // §2.1

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> list) {
  return std::ranges::any_of(list, [&](auto x) { return ascii::same_word(name, x); });
}

bool has_addresses(std::string_view name) { // RFC 6858 §2.1
  return is_one_of(name, {"Bcc", "Cc", "From", "Reply-To", "Resent-Bcc", "Resent-Cc", "Resent-From",
                          "Resent-Sender", "Resent-To", "Sender", "To"});
}

void add(std::vector<std::string>& words, std::vector<std::string> more) {
  std::ranges::move(more, std::back_inserter(words));
}

std::vector<std::string> surrogate_of(const list_entry& x) {
  std::vector<std::string> out;
  if (x.who && !x.who->internationalized) {
    out = encoded_phrase(x.name);
    out.push_back(out.empty() ? x.who->text() : '<' + x.who->text() + '>');
    return out;
  }
  auto told = x.name;
  if (x.who) {
    auto shown = x.who->text();
    shown.erase(shown.size() - x.who->domain.size());
    shown += text::to_unicode_domain(x.who->domain);
    told = told.empty() ? shown : told + " (" + shown + ')';
  }
  out = encoded_phrase(told);
  out.emplace_back(nobody);
  return out;
}

std::string surrogate_addresses(const header_field& field) {
  std::vector<std::string> words;
  for (auto& x : read_address_list(unfolded(field.body), max_addresses).entries) {
    if (!words.empty())
      words.back() += ',';
    add(words, surrogate_of(x));
  }
  return words.empty() ? "" : folded_field(field.name, words);
}

// What stands between the semicolons, which may also stand in quotes.
std::vector<std::string_view> parameters(std::string_view text) {
  std::vector<std::string_view> out;
  bool in_quotes = false;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (in_quotes && text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      in_quotes = !in_quotes;
    } else if (text[i] == ';' && !in_quotes) {
      out.push_back(text.substr(begin, i - begin));
      begin = i + 1;
    }
  }
  out.push_back(text.substr(begin));
  return out;
}

std::string surrogate_parameters(const header_field& field) { // RFC 6858 §2.2
  auto text = unfolded(field.body);
  std::vector<std::string> words;
  bool is_first = true;
  for (auto piece : parameters(text)) {
    auto plain = unfolded(piece);
    bool stays = utf8::is_ascii(plain) && plain.size() <= max_word;
    if (!stays && is_first)
      return {};
    is_first = false;
    if (!stays || plain.empty())
      continue;
    if (!words.empty())
      words.back() += ';';
    words.push_back(std::move(plain));
  }
  return words.empty() ? "" : folded_field(field.name, words);
}

std::string surrogate_field(const header_field& field) {
  if (utf8::is_ascii(field.raw)) {
    if (is_text(field.raw))
      return std::string{field.raw};
    auto words = words_of(unfolded(field.body));
    bool fits = std::ranges::none_of(words, [](auto& x) { return x.size() > max_word; });
    return fits ? folded_field(field.name, words) : "";
  }
  if (ascii::same_word(field.name, "Return-Path")) // a path has no display name
    return folded_field(field.name, {std::string{nobody}});
  if (has_addresses(field.name))
    return surrogate_addresses(field);
  if (is_one_of(field.name, {"Subject", "Comments", "Content-Description"}))
    return folded_field(field.name, encoded_text(unfolded(field.body)));
  if (is_one_of(field.name, {"Content-Type", "Content-Disposition"}))
    return surrogate_parameters(field);
  return {};
}

} // namespace

std::string surrogate_header(std::string_view header) {
  std::string out;
  while (auto field = take_field(header))
    if (field->name.size() <= max_word)
      out += surrogate_field(*field);
  if (take_empty_line(header))
    out += "\r\n";
  return out;
}

std::string surrogate_message(std::string_view message) {
  auto segments = walk_mime(message);
  if (!segments) {
    auto rest = message;
    while (take_field(rest)) {
    }
    take_empty_line(rest);
    auto header = message.substr(0, message.size() - rest.size());
    return surrogate_header(header).append(rest);
  }
  std::string out;
  for (auto& x : *segments) {
    auto bytes = message.substr(x.begin, x.end - x.begin);
    if (x.kind == mime_kind::header)
      out += surrogate_header(bytes);
    else
      out += bytes;
  }
  return out;
}

} // namespace hamlet::mail
