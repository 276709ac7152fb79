// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/irc/dialogue.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <set>

namespace hamlet::irc {

namespace {

using kind = dialogue_step::kind;

constexpr char capture_mark = '\0'; ///< "\0name\0" in an expanded pattern

std::optional<dialogue_step> step_of(std::string_view line, int number) {
  if (line.starts_with('@')) {
    auto space = std::min(line.find(' '), line.size());
    return dialogue_step{kind::directive, std::string{line.substr(1, space - 1)},
                         std::string{line.substr(std::min(space + 1, line.size()))}, number};
  }
  auto end = line.find_first_not_of("abcdefghijklmnopqrstuvwxyz");
  if (end == 0 || end == line.npos)
    return std::nullopt;
  std::string who{line.substr(0, end)};
  auto rest = line.substr(end);
  if (rest == "! closed")
    return dialogue_step{kind::closed, who, {}, number};
  if (rest == "! closes")
    return dialogue_step{kind::closes, who, {}, number};
  if (rest == "*")
    return dialogue_step{kind::skip, who, {}, number};
  constexpr std::array<std::pair<std::string_view, kind>, 5> markers{{{">-", kind::send_raw},
                                                                      {">", kind::send},
                                                                      {"<", kind::hear},
                                                                      {"~", kind::hear_like},
                                                                      {"&", kind::hear_any}}};
  for (auto& [marker, what] : markers)
    if (rest == marker || rest.starts_with(std::string{marker} + " "))
      return dialogue_step{
        what, who, std::string{rest.substr(std::min(marker.size() + 1, rest.size()))}, number};
  return std::nullopt;
}

struct line_parts {
  std::map<std::string, std::string> tags;
  std::string rest;
};

line_parts parts_of(std::string_view line) {
  line_parts out;
  if (line.starts_with('@')) {
    auto end = std::min(line.find(' '), line.size());
    for (auto tags = line.substr(1, end - 1); !tags.empty();) {
      auto tag = tags.substr(0, tags.find(';'));
      tags.remove_prefix(std::min(tag.size() + 1, tags.size()));
      auto equals = std::min(tag.find('='), tag.size());
      out.tags[std::string{tag.substr(0, equals)}] =
        std::string{tag.substr(std::min(equals + 1, tag.size()))};
    }
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  out.rest = std::string{line};
  // The names of 353 have no order.
  auto number = out.rest.find(" 353 ");
  auto colon = out.rest.find(" :");
  if (number != out.rest.npos && number == out.rest.find(' ') && colon != out.rest.npos) {
    std::multiset<std::string> names;
    auto all = std::string_view{out.rest}.substr(colon + 2);
    for (;;) {
      auto word = all.substr(0, all.find(' '));
      names.emplace(word);
      if (word.size() == all.size())
        break;
      all.remove_prefix(word.size() + 1);
    }
    out.rest.resize(colon + 2);
    for (auto& name : names)
      out.rest += (out.rest.ends_with(':') && &name == &*names.begin() ? "" : " ") + name;
  }
  return out;
}

/// The same message with the colon of its last parameter the other way, where it means nothing:
/// RFC 2812 §2.3.1.
std::string with_other_colon(const std::string& line) {
  auto colon = line.find(" :");
  if (colon == line.npos) {
    auto last = line.rfind(' ');
    return last == line.npos ? line : line.substr(0, last + 1) + ":" + line.substr(last + 1);
  }
  auto text = line.substr(colon + 2);
  if (text.empty() || text[0] == ':' || text.find(' ') != text.npos)
    return line;
  return line.substr(0, colon + 1) + text;
}

/// Small patterns and lines: it tries all ways.
bool matches(std::string_view pattern, std::string_view text,
             std::map<std::string, std::string>& known) {
  if (pattern.empty())
    return text.empty();
  if (pattern[0] == capture_mark) {
    auto end = pattern.find(capture_mark, 1);
    std::string name{pattern.substr(1, end - 1)};
    auto rest = pattern.substr(end + 1);
    if (auto found = known.find(name); found != known.end())
      return text.starts_with(found->second)
             && matches(rest, text.substr(found->second.size()), known);
    auto most = std::min(text.find_first_of(" ;"), text.size());
    for (auto size = most; size > 0; --size) {
      auto with = known;
      with[name] = std::string{text.substr(0, size)};
      if (matches(rest, text.substr(size), with)) {
        known = std::move(with);
        return true;
      }
    }
    return false;
  }
  if (pattern[0] == '*') {
    for (std::size_t skip = 0; skip <= text.size(); ++skip)
      if (matches(pattern.substr(1), text.substr(skip), known))
        return true;
    return false;
  }
  bool is_literal =
    pattern[0] == '\\' && pattern.size() > 1 && (pattern[1] == '*' || pattern[1] == '?');
  if (text.empty()
      || (is_literal ? pattern[1] != text[0] : pattern[0] != '?' && pattern[0] != text[0]))
    return false;
  return matches(pattern.substr(is_literal ? 2 : 1), text.substr(1), known);
}

} // namespace

std::vector<std::string> dialogue::all_of(std::string_view directive) const {
  std::vector<std::string> out;
  for (auto& s : steps)
    if (s.what == kind::directive && s.client == directive)
      out.push_back(s.text);
  return out;
}

result<dialogue> parse_dialogue(std::string_view text, std::string name) {
  dialogue out{std::move(name), {}};
  for (int number = 1; !text.empty(); ++number) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (line.empty() || line.starts_with('#'))
      continue;
    auto s = step_of(line, number);
    if (!s)
      return fail(errc::bad_request,
                  out.name + ":" + std::to_string(number) + ": cannot read " + std::string{line});
    out.steps.push_back(std::move(*s));
  }
  return out;
}

result<dialogue> read_dialogue(const std::filesystem::path& file) {
  std::ifstream in{file, std::ios::binary};
  if (!in)
    return fail(errc::not_found, file.string());
  return parse_dialogue(std::string{std::istreambuf_iterator<char>{in}, {}},
                        file.filename().string());
}

bool fits(std::string_view pattern, std::string_view line, bool is_pattern,
          std::map<std::string, std::string>& known) {
  auto wanted = parts_of(pattern), heard = parts_of(line);
  auto other = with_other_colon(heard.rest);
  if (!is_pattern)
    return wanted.tags == heard.tags && (wanted.rest == heard.rest || wanted.rest == other);
  auto found = known;
  auto same_key = [](auto& a, auto& b) { return a.first == b.first; };
  if (!std::ranges::equal(wanted.tags, heard.tags, same_key))
    return false;
  for (auto& [key, value] : wanted.tags)
    if (!matches(value, heard.tags[key], found))
      return false;
  if (!matches(wanted.rest, heard.rest, found) && !matches(wanted.rest, other, found))
    return false;
  known = std::move(found);
  return true;
}

} // namespace hamlet::irc
