// SPDX-License-Identifier: Apache-2.0
#include "lib/irc/mask.hpp"

#include "lib/irc/casemap.hpp"
#include "lib/text/ascii.hpp"
#include "lib/text/utf8.hpp"

#include <algorithm>
#include <charconv>

namespace hamlet::irc {

namespace {

std::string star_if_empty(std::string_view text) {
  return text.empty() ? "*" : collapsed(text);
}

// "10.0.0.5/24" is the /24 around it: people write the address that they see.
std::optional<network> range_of(std::string_view text) {
  auto slash = text.find('/');
  if (slash == text.npos)
    return std::nullopt;
  auto address = ip_address::of(text.substr(0, slash));
  auto digits = text.substr(slash + 1);
  unsigned bits = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  if (!address || error != std::errc{} || end != digits.data() + digits.size()
      || bits > (address->is_v4() ? 32 : 128))
    return std::nullopt;
  auto first = address->masked(bits + (address->is_v4() ? 96 : 0));
  if (first.is_v4() != address->is_v4()) // an IPv6 prefix so short that the rest is v4-mapped
    return std::nullopt;
  return network::of(first.text() + "/" + std::to_string(bits));
}

} // namespace

ban_target::ban_target(const identity& x)
    : nick{fold(x.nick)}, user{fold(x.user)}, address{ip_address::of(x.ip)}, account{fold(
                                                                               x.account)},
      realname{fold(x.realname)}, certfp{ascii::lowered(x.certfp)}, in_channel{x.in_channel} {
  auto add = [this](std::string host) {
    if (!host.empty() && std::ranges::find(hosts, host) == hosts.end())
      hosts.push_back(std::move(host));
  };
  add(fold(x.host));
  add(fold(x.real_host));
  add(address ? address->text() : fold(x.ip));
  for (auto& cloak : x.cloaks)
    add(fold(cloak));
}

bool is_mask_text(std::string_view text, std::size_t max_size) {
  auto is_bad = [](char x) { return static_cast<unsigned char>(x) <= ' ' || x == 0x7f; };
  return !text.empty() && text.size() <= max_size && text[0] != ':'
         && std::ranges::none_of(text, is_bad) && utf8::is_valid(text);
}

std::optional<hostmask> hostmask::of(std::string_view text) {
  if (!is_mask_text(text))
    return std::nullopt;
  std::string_view nick;
  std::string_view user;
  std::string_view host;
  auto bang = text.find('!');
  auto at = text.rfind('@');
  if (bang != text.npos && at != text.npos && at < bang)
    at = text.npos;
  if (bang == text.npos && at == text.npos) {
    (text.find_first_of(".:/") == text.npos ? nick : host) = text;
  } else {
    if (bang != text.npos)
      nick = text.substr(0, bang);
    auto begin = bang == text.npos ? 0 : bang + 1;
    user = text.substr(begin, (at == text.npos ? text.size() : at) - begin);
    if (at != text.npos)
      host = text.substr(at + 1);
  }
  hostmask out;
  out.range_ = range_of(host);
  auto host_text = out.range_ ? out.range_->text() : star_if_empty(host);
  out.nick_ = glob{star_if_empty(nick)};
  out.user_ = glob{star_if_empty(user)};
  out.host_ = glob{host_text};
  out.text_ = star_if_empty(nick) + "!" + star_if_empty(user) + "@" + host_text;
  if (out.text_.size() > max_size || !is_mask_text(out.text_))
    return std::nullopt;
  return out;
}

bool hostmask::matches(const ban_target& x) const {
  if (!nick_.matches_folded(x.nick) || !user_.matches_folded(x.user))
    return false;
  if (range_ && x.address && range_->contains(*x.address))
    return true;
  return host_.matches_all()
         || std::ranges::any_of(x.hosts, [this](auto& one) { return host_.matches_folded(one); });
}

bool hostmask::matches_all() const {
  return nick_.matches_all() && user_.matches_all() && host_.matches_all();
}

} // namespace hamlet::irc
