// SPDX-License-Identifier: Apache-2.0
#include "lib/irc/modes.hpp"

#include "lib/irc/casemap.hpp"
#include "lib/text/ascii.hpp"

#include <algorithm>
#include <charconv>

namespace hamlet::irc {

namespace {

constexpr std::size_t max_key = 23;     // RFC 2812 §2.3.1
constexpr std::size_t max_channel = 64; // of a channel that others are sent to
constexpr std::uint32_t max_count = 10'000;
constexpr std::uint32_t max_seconds = 604'800; // a week

std::optional<std::uint32_t> number(std::string_view text, std::uint32_t max) {
  std::uint32_t x = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), x);
  if (error != std::errc{} || end != text.data() + text.size() || x == 0 || x > max)
    return std::nullopt;
  return x;
}

bool is_key(std::string_view text) {
  auto is_bad = [](char x) {
    return static_cast<unsigned char>(x) <= ' ' || static_cast<unsigned char>(x) >= 0x7f
           || x == ',';
  };
  return !text.empty() && text.size() <= max_key && text[0] != ':'
         && std::ranges::none_of(text, is_bad);
}

void add_once(std::string& letters, char x) {
  if (letters.find(x) == letters.npos)
    letters += x;
}

bool has_sign(std::string_view word) {
  return word.starts_with('+') || word.starts_with('-');
}

/// Hands out the words of a command: those of modes, and to each of them its parameters.
class mode_words {
public:
  explicit mode_words(std::span<const std::string> words) : words_{words} {}

  /// The next word of modes; nullptr: that is all.
  const std::string* next_group() {
    if (at_ == words_.size() || (at_ > 0 && !has_sign(words_[at_])))
      return nullptr;
    return &words_[at_++];
  }
  /// nullptr: none is left. An empty one is none, but takes its place.
  const std::string* next_param() {
    if (at_ == words_.size())
      return nullptr;
    auto* word = &words_[at_++];
    return word->empty() ? nullptr : word;
  }

private:
  std::span<const std::string> words_;
  std::size_t at_ = 0;
};

struct channel_parser {
  std::size_t room; ///< for changes with a parameter
  mode_words words;
  mode_request out = {};

  void take(bool add, char letter) {
    auto* mode = find_channel_mode(letter);
    if (mode == nullptr)
      return add_once(out.unknown, letter);
    auto kind = mode->kind;
    if (kind == mode_kind::flag || (kind == mode_kind::when_set && !add)) {
      out.changes.push_back({add, letter, {}});
      return;
    }
    auto* param = words.next_param();
    if (param == nullptr) {
      if (kind == mode_kind::list)
        add_once(out.lists, letter);
      else if (kind == mode_kind::always && !add)
        add_with_param({add, letter, "*"});
      else
        add_once(out.missing, letter);
      return;
    }
    if (kind == mode_kind::list || kind == mode_kind::membership || !add)
      return add_with_param({add, letter, *param});
    if (auto form = mode_param(letter, *param))
      add_with_param({add, letter, *form});
    else
      out.invalid.push_back({letter, *param});
  }

  void add_with_param(mode_change x) {
    if (room == 0) {
      out.over_limit = true;
      return;
    }
    --room;
    out.changes.push_back(std::move(x));
  }
};

} // namespace

mode_request parse_channel_modes(std::span<const std::string> words, std::size_t max_with_param) {
  channel_parser parser{max_with_param, mode_words{words}};
  while (auto* group = parser.words.next_group()) {
    bool add = true;
    for (auto x : *group) {
      if (x == '+' || x == '-')
        add = x == '+';
      else
        parser.take(add, x);
    }
  }
  return std::move(parser.out);
}

mode_request parse_user_modes(std::span<const std::string> words) {
  mode_request out;
  mode_words rest{words};
  while (auto* group = rest.next_group()) {
    bool add = true;
    for (auto x : *group) {
      if (x == '+' || x == '-') {
        add = x == '+';
        continue;
      }
      auto* mode = find_user_mode(x);
      if (mode == nullptr) {
        add_once(out.unknown, x);
        continue;
      }
      auto* param = add && mode->takes_param ? rest.next_param() : nullptr;
      out.changes.push_back({add, x, param == nullptr ? "" : *param});
    }
  }
  return out;
}

std::optional<std::string> mode_param(char letter, std::string_view text) {
  switch (letter) {
  case 'k': return is_key(text) ? std::optional{std::string{text}} : std::nullopt;
  case 'l':
    if (auto x = number(text, 0x7fffffff))
      return std::to_string(*x);
    return std::nullopt;
  case 'H':
  case 'f':
  case 'j':
    if (auto x = parse_rate(text))
      return std::to_string(x->count) + ":" + std::to_string(x->seconds);
    return std::nullopt;
  case 'L':
    return is_valid_channel(text, max_channel, true) ? std::optional{std::string{text}}
                                                     : std::nullopt;
  default: return std::nullopt;
  }
}

std::optional<mode_rate> parse_rate(std::string_view text) {
  auto colon = text.find(':');
  if (colon == text.npos)
    return std::nullopt;
  auto count = number(text.substr(0, colon), max_count);
  auto seconds = number(text.substr(colon + 1), max_seconds);
  if (!count || !seconds)
    return std::nullopt;
  return mode_rate{*count, *seconds};
}

std::vector<std::string> format_modes(std::span<const mode_change> changes, std::size_t room,
                                      std::size_t max_with_param) {
  std::vector<std::string> out;
  std::string letters;
  std::string params;
  char sign = 0;
  std::size_t with_param = 0;
  auto flush = [&] {
    if (!letters.empty())
      out.push_back(letters + params);
    letters.clear();
    params.clear();
    sign = 0;
    with_param = 0;
  };
  for (auto& x : changes) {
    auto wanted = x.add ? '+' : '-';
    auto size = 1u + (sign == wanted ? 0 : 1) + (x.param.empty() ? 0 : 1 + x.param.size());
    if (letters.size() + params.size() + size > room
        || (!x.param.empty() && with_param == max_with_param))
      flush();
    if (sign != wanted)
      letters += sign = wanted;
    letters += x.letter;
    if (x.param.empty())
      continue;
    params += ' ';
    params += x.param;
    ++with_param;
  }
  flush();
  return out;
}

} // namespace hamlet::irc
