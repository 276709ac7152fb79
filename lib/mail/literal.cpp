// SPDX-License-Identifier: Apache-2.0
#include "lib/mail/literal.hpp"

#include "lib/text/ascii.hpp"
#include "lib/text/hex.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cstdint>
#include <iterator>

namespace hamlet::mail {

namespace {

bool is_literal_text(char x) { // dcontent
  return x > ' ' && x < 127 && x != '[' && x != '\\' && x != ']';
}

// Snum may have leading zeros, which inet_pton does not take.
std::optional<std::string> canonical_v4(std::string_view text) {
  std::string out;
  for (int part = 0; part < 4; ++part) {
    auto dot = part < 3 ? text.find('.') : text.size();
    if (dot == text.npos || dot == 0 || dot > 3)
      return std::nullopt;
    int value = 0;
    for (char x : text.substr(0, dot)) {
      if (!ascii::is_digit(x))
        return std::nullopt;
      value = value * 10 + (x - '0');
    }
    if (value > 255)
      return std::nullopt;
    out += (part > 0 ? "." : "") + std::to_string(value);
    text.remove_prefix(std::min(dot + 1, text.size()));
  }
  return out;
}

std::optional<std::string> canonical_v6(std::string_view text) {
  if (text.size() > 45)
    return std::nullopt;
  std::string plain{text};
  auto groups = std::size_t{1};
  if (plain.find('.') != plain.npos) {
    auto colon = plain.rfind(':');
    if (colon == plain.npos)
      return std::nullopt;
    auto v4 = canonical_v4(std::string_view{plain}.substr(colon + 1));
    if (!v4)
      return std::nullopt;
    plain.replace(colon + 1, plain.npos, *v4);
    ++groups;
  }
  std::array<unsigned char, 16> octets{};
  if (inet_pton(AF_INET6, plain.c_str(), octets.data()) != 1)
    return std::nullopt;
  if (auto gap = plain.find("::"); gap != plain.npos) {
    // "::" stands for two groups or more; inet_pton takes it for one as well.
    groups += static_cast<std::size_t>(std::ranges::count(plain, ':')) - 1;
    groups -= gap == 0 ? 1 : 0;
    groups -= gap + 2 == plain.size() ? 1 : 0;
    if (groups > 6)
      return std::nullopt;
  }
  std::array<char, INET6_ADDRSTRLEN> room{};
  return inet_ntop(AF_INET6, octets.data(), room.data(), room.size());
}

} // namespace

std::optional<std::string> canonical_literal(std::string_view text) {
  if (text.size() < 3 || text.front() != '[' || text.back() != ']')
    return std::nullopt;
  text = text.substr(1, text.size() - 2);
  constexpr std::string_view v6_tag = "IPv6:";
  if (ascii::starts_with_word(text, v6_tag)) {
    auto v6 = canonical_v6(text.substr(v6_tag.size()));
    return v6 ? std::optional{"[IPv6:" + *v6 + "]"} : std::nullopt;
  }
  auto colon = text.find(':');
  if (colon == text.npos) {
    auto v4 = canonical_v4(text);
    return v4 ? std::optional{"[" + *v4 + "]"} : std::nullopt;
  }
  auto tag = text.substr(0, colon);
  auto rest = text.substr(colon + 1);
  auto is_tag_text = [](char x) { return x == '-' || ascii::is_letter_or_digit(x); };
  if (tag.empty() || tag.back() == '-' || !std::ranges::all_of(tag, is_tag_text) || rest.empty()
      || !std::ranges::all_of(rest, is_literal_text))
    return std::nullopt;
  return "[" + ascii::lowered(tag) + ":" + std::string{rest} + "]";
}

std::string literal_of(std::string_view ip) {
  std::string text;
  ip = ip.substr(0, ip.find('%')); // "fe80::1%eth0": the zone is of this host alone
  std::ranges::copy_if(ip.substr(0, 45), std::back_inserter(text),
                       [](char x) { return x == '.' || x == ':' || hex_value(x) >= 0; });
  // A client over IPv4 on a socket of both kinds.
  if (ascii::starts_with_word(text, "::ffff:") && text.find('.') != text.npos)
    text.erase(0, 7);
  return text.find(':') == text.npos ? "[" + text + "]" : "[IPv6:" + text + "]";
}

} // namespace hamlet::mail
