// SPDX-License-Identifier: Apache-2.0
#include "actors/chat/ban_mask.hpp"

#include "lib/irc/casemap.hpp"

#include <algorithm>

namespace hamlet {

namespace {

constexpr std::string_view any_nick = "*!";

/// "~U:*!*@host" -> "*!*@host": what a hostmask is behind what stands before it.
std::string_view behind_extban(std::string_view text) {
  auto colon = text.find(':');
  return text.starts_with('~') && colon != text.npos ? text.substr(colon + 1) : text;
}

/// "*!user@host" without the nick, which no kline has; nullopt: it has one.
std::optional<std::string> without_nick(const irc::ban& mask) {
  auto rest = behind_extban(mask.text());
  auto before = mask.text().substr(0, mask.text().size() - rest.size());
  if (mask.what() == irc::extban::hostmask) {
    if (!rest.starts_with(any_nick))
      return std::nullopt;
    rest.remove_prefix(any_nick.size());
  }
  return before + irc::fold(rest);
}

bool contains_all(const network& x) {
  return (x.contains("0.0.0.0") && x.contains("255.255.255.255"))
         || (x.contains("::") && x.contains("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"));
}

} // namespace

std::optional<ban_mask> ban_mask::of(std::string_view kind, std::string_view text) {
  ban_mask out;
  if (kind == "kline") {
    auto mask = irc::ban::of(text);
    auto is_known =
      mask && !mask->is_mute()
      && (mask->what() == irc::extban::hostmask || mask->what() == irc::extban::account);
    auto normal = is_known ? without_nick(*mask) : std::nullopt;
    if (!normal)
      return std::nullopt;
    out.text_ = std::move(*normal);
    out.mask_ = std::move(*mask);
    return out;
  }
  if (kind == "dline") {
    // A hostmask has "10.0.0.5/24", the way people write a range, as "10.0.0.0/24".
    auto mask = irc::hostmask::of("*@" + std::string{text});
    auto range = mask ? network::of(mask->text().substr(mask->text().find('@') + 1)) : std::nullopt;
    if (!range)
      return std::nullopt;
    out.what_ = about::dline;
    out.text_ = range->text();
    out.mask_ = *range;
    return out;
  }
  if (kind != "resv" || !irc::is_mask_text(text) || text.find_first_of("!@,") != text.npos)
    return std::nullopt;
  irc::glob name{text};
  out.what_ = text[0] == '#' || text[0] == '&' ? about::channel : about::nick;
  out.text_ = name.text();
  out.mask_ = std::move(name);
  return out;
}

std::string_view ban_mask::kind() const {
  switch (what_) {
  case about::kline: return "kline";
  case about::dline: return "dline";
  case about::nick:
  case about::channel: break;
  }
  return "resv";
}

bool ban_mask::matches(const irc::ban_target& who) const {
  if (auto mask = std::get_if<irc::ban>(&mask_))
    return mask->matches(who);
  return who.address && matches(*who.address);
}

bool ban_mask::matches(const ip_address& x) const {
  auto range = std::get_if<network>(&mask_);
  return range != nullptr && range->contains(x);
}

bool ban_mask::matches_name(std::string_view folded) const {
  auto name = std::get_if<irc::glob>(&mask_);
  return name != nullptr && name->matches_folded(folded);
}

bool ban_mask::is_for_everybody() const {
  auto says_nothing = [](std::string_view text) {
    return text.find_first_not_of("*?.!@:#&") == text.npos;
  };
  if (auto range = std::get_if<network>(&mask_))
    return contains_all(*range);
  auto host = text_.substr(text_.find('@') + 1);
  auto range = network::of(host);
  return says_nothing(text_) || (text_ == "*@" + host && range && contains_all(*range));
}

} // namespace hamlet
