// SPDX-License-Identifier: Apache-2.0
#include "lib/irc/message.hpp"

#include "lib/text/ascii.hpp"

#include <algorithm>
#include <iterator>
#include <unordered_map>

namespace hamlet::irc {

namespace {

constexpr std::string_view line_breakers{"\r\n\0", 3};

// Takes the characters up to the first space off, and the spaces behind them.
std::string_view take_word(std::string_view& text) {
  auto word = text.substr(0, text.find(' '));
  text.remove_prefix(word.size());
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  return word;
}

std::vector<tag> parse_tags(std::string_view text) {
  std::vector<tag> tags;
  std::unordered_map<std::string_view, std::size_t> known; // 4,094 octets hold 2,000 tags
  while (!text.empty()) {
    auto one = text.substr(0, text.find(';'));
    text.remove_prefix(std::min(one.size() + 1, text.size()));
    auto key = one.substr(0, one.find('='));
    if (key.empty())
      continue;
    auto value = one.size() > key.size() ? unescape_tag_value(one.substr(key.size() + 1)) : "";
    auto [at, is_new] = known.try_emplace(key, tags.size());
    if (is_new)
      tags.push_back({std::string{key}, std::move(value)});
    else
      tags[at->second].value = std::move(value);
  }
  return tags;
}

bool is_writable_key(std::string_view key) {
  return !key.empty() && key.find_first_of(std::string_view{" ;=\r\n\0", 6}) == key.npos;
}

bool breaks_word(char x) {
  return x == ' ' || line_breakers.find(x) != line_breakers.npos;
}

void append_replaced(std::string& out, std::string_view text, bool (*is_bad)(char), char by) {
  std::ranges::replace_copy_if(text, std::back_inserter(out), is_bad, by);
}

void append_middle(std::string& out, std::string_view text) {
  if (text.empty()) {
    out += '*';
    return;
  }
  if (text[0] == ':') { // would be the last one
    out += '_';
    text.remove_prefix(1);
  }
  append_replaced(out, text, breaks_word, '_');
}

void append_last(std::string& out, std::string_view text, bool colon) {
  if (colon || text.empty() || text[0] == ':' || std::ranges::any_of(text, breaks_word))
    out += ':';
  append_replaced(
    out, text, [](char x) { return x != ' ' && breaks_word(x); }, ' ');
}

} // namespace

const tag* message::find_tag(std::string_view key) const {
  auto found = std::ranges::find(tags, key, &tag::key);
  return found == tags.end() ? nullptr : &*found;
}

std::optional<std::string_view> message::tag_value(std::string_view key) const {
  if (auto* found = find_tag(key))
    return found->value;
  return std::nullopt;
}

void message::set_tag(std::string_view key, std::string_view value) {
  auto found = std::ranges::find(tags, key, &tag::key);
  if (found != tags.end()) {
    found->value = value;
    return;
  }
  // Those of clients may be pushed beyond the limit: IRCv3 message-tags, Client-only tags.
  auto before =
    key.starts_with('+') ? tags.end() : std::ranges::find_if(tags, &tag::is_client_only);
  tags.insert(before, {std::string{key}, std::string{value}});
}

std::string_view message::param(std::size_t i) const {
  return i < params.size() ? std::string_view{params[i]} : std::string_view{};
}

tl::expected<message, parse_error> parse(std::string_view line, const line_limits& limits) {
  using enum parse_error;
  message out;
  std::string_view tags;
  auto rest = line;
  if (line.starts_with('@')) {
    auto end = std::min(line.find(' '), line.size());
    if (end + 1 > limits.tags) // the space counts
      return tl::unexpected{tags_too_long};
    tags = line.substr(1, end - 1);
    rest = line.substr(std::min(end + 1, line.size()));
  }
  if (rest.size() > limits.rest)
    return tl::unexpected{too_long};
  if (line.find_first_of(line_breakers) != line.npos)
    return tl::unexpected{bad_form};

  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  if (rest.empty())
    return tl::unexpected{line.starts_with('@') ? bad_form : empty};
  if (rest.starts_with(':'))
    out.source = take_word(rest).substr(1);
  if (rest.empty() || !ascii::is_letter_or_digit(rest[0]))
    return tl::unexpected{bad_form};
  out.command = take_word(rest);
  std::ranges::transform(out.command, out.command.begin(), ascii::upper);

  while (!rest.empty()) {
    if (rest[0] == ':' || out.params.size() + 1 == max_params) {
      out.params.emplace_back(rest.substr(rest[0] == ':' ? 1 : 0));
      break;
    }
    out.params.emplace_back(take_word(rest));
  }
  out.tags = parse_tags(tags);
  return out;
}

std::string serialise(const message& x) {
  auto out = serialise_tags(x.tags);
  if (!x.source.empty()) {
    out += ':';
    append_replaced(out, x.source, breaks_word, '_');
    out += ' ';
  }
  append_middle(out, x.command);
  for (std::size_t i = 0; i < x.params.size(); ++i) {
    out += ' ';
    if (i + 1 == x.params.size())
      append_last(out, x.params[i], x.colon);
    else
      append_middle(out, x.params[i]);
  }
  return out;
}

std::string serialise_tags(const std::vector<tag>& tags) {
  std::string out;
  for (auto& x : tags) {
    if (!is_writable_key(x.key))
      continue;
    out += out.empty() ? '@' : ';';
    out += x.key;
    if (!x.value.empty()) { // never from missing to empty: the size limit
      out += '=';
      out += escape_tag_value(x.value);
    }
  }
  if (!out.empty())
    out += ' ';
  return out;
}

std::string escape_tag_value(std::string_view value) {
  std::string out;
  out.reserve(value.size());
  for (auto x : value) {
    switch (x) {
    case ';': out += "\\:"; break;
    case ' ': out += "\\s"; break;
    case '\\': out += "\\\\"; break;
    case '\r': out += "\\r"; break;
    case '\n': out += "\\n"; break;
    case '\0': break; // has no escape, and may not stand in a line
    default: out += x;
    }
  }
  return out;
}

std::string unescape_tag_value(std::string_view escaped) {
  std::string out;
  out.reserve(escaped.size());
  for (std::size_t i = 0; i < escaped.size(); ++i) {
    if (escaped[i] != '\\') {
      out += escaped[i];
      continue;
    }
    if (++i == escaped.size())
      break;
    switch (escaped[i]) {
    case ':': out += ';'; break;
    case 's': out += ' '; break;
    case 'r': out += '\r'; break;
    case 'n': out += '\n'; break;
    default: out += escaped[i];
    }
  }
  return out;
}

} // namespace hamlet::irc
