// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/transcript.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <utility>

namespace hamlet::conformance {

namespace {

using kind = step::kind;
constexpr std::size_t max_repeated = 16u << 20;

tl::unexpected<error> wrong(std::string why) {
  return fail(errc::bad_request, std::move(why));
}

/// The events that are no lines.
std::optional<kind> event_named(std::string_view line) {
  constexpr std::pair<std::string_view, kind> events[] = {{"S! closed", kind::closed},
                                                          {"S! silent", kind::silent},
                                                          {"C! tls", kind::client_tls},
                                                          {"C! closes", kind::client_close},
                                                          {"S*", kind::skip}};
  for (auto& [text, what] : events)
    if (line == text)
      return what;
  return std::nullopt;
}

std::optional<step> step_of(std::string_view line, int number) {
  if (auto event = event_named(line))
    return step{*event, {}, number};
  if (line.starts_with('@'))
    return step{kind::directive, std::string{line.substr(1)}, number};
  auto marker = line.substr(0, 2);
  auto text = line.size() > 2 && line[2] == ' ' ? line.substr(3) : line.substr(marker.size());
  if (line.size() > 2 && line[2] != ' ')
    return std::nullopt;
  if (marker == "C:")
    return step{kind::send, std::string{text} + "\\r\\n", number};
  if (marker == "C<")
    return step{kind::send, std::string{text}, number};
  if (marker == "S:")
    return step{kind::expect, std::string{text}, number};
  if (marker == "S~")
    return step{kind::expect_like, std::string{text}, number};
  return std::nullopt;
}

/// For a fault's text: control characters made visible, bounded.
std::string shown(std::string_view bytes) {
  constexpr std::string_view hex = "0123456789abcdef";
  std::string out = "\"";
  for (char x : bytes.substr(0, 200)) {
    auto value = static_cast<unsigned char>(x);
    if (value < 0x20 || value == 0x7f)
      out.append("\\x").append(1, hex[value >> 4]).append(1, hex[value & 15]);
    else
      out += x;
  }
  return out + (bytes.size() > 200 ? "\"..." : "\"");
}

std::optional<int> hex_digit(char x) {
  if (x >= '0' && x <= '9')
    return x - '0';
  if (x >= 'a' && x <= 'f')
    return x - 'a' + 10;
  return std::nullopt;
}

/// One text being expanded; `rest` shrinks.
class expander {
public:
  expander(std::string_view text, peer& values) : rest_{text}, values_{values} {}

  result<std::string> run() {
    std::string out;
    while (!rest_.empty()) {
      if (rest_.starts_with("${")) {
        rest_.remove_prefix(2);
        auto what = expanded(until_brace());
        if (!what)
          return what;
        auto value = values_.value_of(*what);
        if (!value)
          return wrong("unknown value ${" + *what + "}");
        out += *value;
      } else if (rest_.front() == '\\') {
        rest_.remove_prefix(1);
        auto bytes = escape();
        if (!bytes)
          return bytes;
        out += *bytes;
      } else {
        out += rest_.front();
        rest_.remove_prefix(1);
      }
    }
    return out;
  }

private:
  result<std::string> expanded(std::string_view text) { return expander{text, values_}.run(); }

  /// Braces inside are in pairs.
  std::string_view until_brace() {
    std::size_t end = 0;
    for (int open = 1; end < rest_.size(); ++end) {
      open += rest_[end] == '{' ? 1 : rest_[end] == '}' ? -1 : 0;
      if (open == 0)
        break;
    }
    auto text = rest_.substr(0, end);
    rest_.remove_prefix(std::min(rest_.size(), text.size() + 1));
    return text;
  }

  result<std::string> escape() {
    char x = rest_.empty() ? '\0' : rest_.front();
    if (!rest_.empty())
      rest_.remove_prefix(1);
    switch (x) {
    case 'r': return "\r";
    case 'n': return "\n";
    case 't': return "\t";
    case '\\':
    case '$': return std::string(1, x);
    case '*':
    case '?': return std::string{'\\', x}; // for covers()
    case 'x': return byte();
    case '{': return repeated();
    default: return wrong("unknown escape");
    }
  }

  result<std::string> byte() {
    auto high = rest_.size() > 1 ? hex_digit(rest_[0]) : std::nullopt;
    auto low = rest_.size() > 1 ? hex_digit(rest_[1]) : std::nullopt;
    if (!high || !low)
      return wrong("\\x wants two digits 0-9a-f");
    rest_.remove_prefix(2);
    return std::string(1, static_cast<char>(*high * 16 + *low));
  }

  result<std::string> repeated() {
    auto inside = until_brace();
    std::size_t times = 0;
    auto [end, failure] = std::from_chars(inside.data(), inside.data() + inside.size(), times);
    inside.remove_prefix(static_cast<std::size_t>(end - inside.data()));
    if (failure != std::errc{} || !inside.starts_with(' '))
      return wrong("\\{} wants a number and a text");
    auto text = expanded(inside.substr(1));
    if (!text)
      return text;
    if (times > max_repeated / std::max<std::size_t>(text->size(), 1))
      return wrong("\\{} is too long");
    std::string out;
    for (; times > 0; --times)
      out += *text;
    return out;
  }

  std::string_view rest_;
  peer& values_;
};

/// One dialogue being played.
class player {
public:
  player(const transcript& chat, peer& other) : chat_{chat}, other_{other} {}

  std::optional<std::string> run() {
    for (auto& s : chat_.steps) {
      if (s.what != kind::send && !packet_.empty())
        other_.send(std::exchange(packet_, {}));
      if (auto fault = one(s))
        return chat_.name + ":" + std::to_string(s.line) + ": " + *fault;
    }
    if (!packet_.empty())
      other_.send(packet_);
    if (auto line = other_.next_line())
      return chat_.name + ": the server also said " + shown(*line);
    return std::nullopt;
  }

private:
  std::optional<std::string> one(const step& s) {
    auto text = expand(s.text, other_);
    if (!text)
      return text.error().detail;
    switch (s.what) {
    case kind::send: packet_ += *text; return std::nullopt;
    case kind::directive: {
      auto space = std::min(text->find(' '), text->size());
      auto argument = std::string_view{*text}.substr(std::min(space + 1, text->size()));
      return other_.directive(std::string_view{*text}.substr(0, space), argument);
    }
    case kind::skip: skipping_ = true; return std::nullopt;
    case kind::expect: return line_that([&](auto& heard) { return heard == *text; }, *text);
    case kind::expect_like:
      return line_that([&](auto& heard) { return covers(*text, heard); }, *text);
    case kind::closed:
    case kind::silent:
      if (auto line = other_.next_line())
        return "expected no more, heard " + shown(*line);
      if (other_.is_closed() != (s.what == kind::closed))
        return other_.is_closed() ? "the server hung up" : "the server did not hang up";
      return std::nullopt;
    case kind::client_tls:
      return other_.start_tls() ? std::nullopt : std::optional{"the server wants no TLS now"};
    case kind::client_close: other_.hang_up(); return std::nullopt;
    }
    return "unknown step";
  }

  template <class Predicate>
  std::optional<std::string> line_that(Predicate is_right, std::string_view wanted) {
    bool skips = std::exchange(skipping_, false);
    for (;;) {
      auto heard = other_.next_line();
      if (!heard)
        return "expected " + shown(wanted) + (skips ? ", never came" : ", heard nothing");
      if (is_right(*heard))
        return std::nullopt;
      if (!skips)
        return "expected " + shown(wanted) + ", heard " + shown(*heard);
    }
  }

  const transcript& chat_;
  peer& other_;
  std::string packet_;
  bool skipping_ = false;
};

} // namespace

result<transcript> parse(std::string_view text, std::string name) {
  transcript chat{std::move(name), {}};
  for (int number = 1; !text.empty(); ++number) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (line.empty() || line.starts_with('#'))
      continue;
    auto s = step_of(line, number);
    if (!s)
      return wrong(chat.name + ":" + std::to_string(number) + ": cannot read " + shown(line));
    chat.steps.push_back(std::move(*s));
  }
  return chat;
}

result<transcript> read(const std::filesystem::path& file) {
  std::ifstream in{file, std::ios::binary};
  if (!in)
    return fail(errc::not_found, file.string());
  std::string text{std::istreambuf_iterator<char>{in}, {}};
  return parse(text, file.filename().string());
}

std::vector<std::filesystem::path> chats_in(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> found;
  for (auto& entry : std::filesystem::directory_iterator{folder})
    if (entry.path().extension() == ".chat")
      found.push_back(entry.path());
  std::ranges::sort(found);
  return found;
}

std::optional<std::string> play(const transcript& chat, peer& other) {
  return player{chat, other}.run();
}

result<std::string> expand(std::string_view text, peer& values) {
  return expander{text, values}.run();
}

// Greedy, with one way back: linear but for the last star, whatever the pattern.
bool covers(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0;
  std::size_t star = pattern.npos, resume = 0;
  while (t < text.size()) {
    bool literal = p + 1 < pattern.size() && pattern[p] == '\\'
                   && (pattern[p + 1] == '*' || pattern[p + 1] == '?');
    if (!literal && p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (literal ? pattern[p + 1] == text[t]
                       : p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      p += literal ? 2 : 1;
      ++t;
    } else if (star != pattern.npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*')
    ++p;
  return p == pattern.size();
}

} // namespace hamlet::conformance
