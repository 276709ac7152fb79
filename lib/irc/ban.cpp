// SPDX-License-Identifier: Apache-2.0
#include "lib/irc/ban.hpp"

#include "lib/irc/casemap.hpp"
#include "lib/text/ascii.hpp"

#include <algorithm>

namespace hamlet::irc {

namespace {

constexpr int max_depth = 3; // m:U:a: is all that makes sense

const extban_row* row_of(std::string_view word) {
  auto found = std::ranges::find_if(extban_table, [&](auto& x) {
    return word.size() == 1 ? x.letter == word[0] : ascii::same_word(x.name, word);
  });
  return found == std::end(extban_table) ? nullptr : &*found;
}

// "a::1" is an address and no account.
bool is_address(std::string_view text) {
  return ip_address::of(text.substr(0, text.find('/'))).has_value();
}

struct split_ban {
  const extban_row* row = nullptr; ///< nullptr: no extban
  std::string_view rest;
};

split_ban split(std::string_view text) {
  auto word = text.substr(0, text.find(':'));
  if (word.size() == text.size() || is_address(text))
    return {nullptr, text};
  auto rest = text.substr(word.size() + 1);
  if (word.starts_with('~'))
    word.remove_prefix(1);
  return {row_of(word), rest};
}

} // namespace

std::optional<ban> ban::of(std::string_view text) {
  if (!is_mask_text(text))
    return std::nullopt;
  ban out;
  std::string letters;
  for (int depth = 0;; ++depth) {
    auto [row, rest] = split(text);
    if (row == nullptr) {
      // "~x:y" with an x that nobody knows is meant as an extban: as a mask it bans nobody.
      out.mask_ =
        text.starts_with('~') && text.find(':') != text.npos ? std::nullopt : hostmask::of(text);
      if (!out.mask_)
        return std::nullopt;
      letters += out.mask_->text();
      break;
    }
    if (rest.empty() || depth == max_depth)
      return std::nullopt;
    letters += row->what == extban::channel ? 'c' : row->letter;
    letters += ':';
    text = rest;
    if (row->what == extban::mute) {
      out.mute_ = true;
    } else if (row->what == extban::unregistered) {
      out.unregistered_ = true;
    } else {
      if (!out.takes(row->what, rest))
        return std::nullopt;
      letters += collapsed(rest);
      break;
    }
  }
  auto is_plain = out.mask_ && !out.mute_ && !out.unregistered_;
  out.text_ = (is_plain ? "" : "~") + letters;
  if (!is_mask_text(out.text_))
    return std::nullopt;
  return out;
}

bool ban::takes(extban what, std::string_view rest) {
  what_ = what;
  if (what == extban::channel) {
    constexpr std::string_view prefixes = "~&@%+";
    if (prefixes.find(rest[0]) != prefixes.npos) {
      prefix_ = rest[0];
      rest.remove_prefix(1);
    }
    pattern_ = glob{rest};
    return !rest.empty() && !has_wildcard(rest); // the one who is asked knows names
  }
  std::string pattern{rest};
  if (what == extban::realname)
    std::ranges::replace(pattern, '_', '?');
  pattern_ = glob{pattern};
  return true;
}

bool ban::matches(const ban_target& x) const {
  if (unregistered_ && !x.account.empty())
    return false;
  switch (what_) {
  case extban::account: return !x.account.empty() && pattern_.matches_folded(x.account);
  case extban::realname: return pattern_.matches_folded(x.realname);
  case extban::channel: return x.in_channel && x.in_channel(pattern_.text(), prefix_);
  case extban::fingerprint: return !x.certfp.empty() && pattern_.matches_folded(x.certfp);
  case extban::hostmask:
  case extban::mute:
  case extban::unregistered: break;
  }
  return mask_->matches(x);
}

const ban* find_match(std::span<const ban> bans, const ban_target& x, ban_scope scope) {
  auto found = std::ranges::find_if(bans, [&](auto& one) {
    return (scope == ban_scope::speak || !one.is_mute()) && one.matches(x);
  });
  return found == bans.end() ? nullptr : &*found;
}

std::string extban_token() {
  std::string out = "~,";
  for (auto& x : extban_table)
    out += x.letter;
  return out;
}

std::string account_extban_token() {
  std::string out;
  for (auto& x : extban_table)
    if (x.what == extban::account)
      out = std::string{x.letter} + "," + std::string{x.name};
  return out;
}

} // namespace hamlet::irc
