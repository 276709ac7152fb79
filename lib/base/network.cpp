// SPDX-License-Identifier: Apache-2.0
#include "lib/base/network.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>

namespace hamlet {

namespace {

constexpr std::size_t v4_begin = 12; // of a v4-mapped address
constexpr unsigned v4_bits = 8 * v4_begin;
constexpr unsigned all_bits = 8 * ip_address::size;
constexpr std::array<std::uint8_t, v4_begin> v4_mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

/// Digits only and no zero in front: "/024" is octal to some.
std::optional<unsigned> prefix_of(std::string_view text) {
  unsigned bits = 0;
  auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), bits);
  if (fault != std::errc{} || end != text.data() + text.size() || bits > all_bits)
    return std::nullopt;
  if (text.size() > 1 && text.front() == '0')
    return std::nullopt;
  return bits;
}

} // namespace

std::optional<ip_address> ip_address::of(std::string_view text) {
  char terminated[INET6_ADDRSTRLEN] = {};
  if (text.size() >= sizeof terminated || text.find('\0') != text.npos)
    return std::nullopt;
  std::ranges::copy(text, terminated);
  std::array<std::uint8_t, size> octets{};
  if (::inet_pton(AF_INET6, terminated, octets.data()) == 1)
    return ip_address{octets};
  std::ranges::copy(v4_mapped, octets.begin());
  if (::inet_pton(AF_INET, terminated, octets.data() + v4_begin) == 1)
    return ip_address{octets};
  return std::nullopt;
}

bool ip_address::is_v4() const {
  return std::equal(v4_mapped.begin(), v4_mapped.end(), octets_.begin());
}

std::string ip_address::text() const {
  char out[INET6_ADDRSTRLEN] = {};
  if (is_v4())
    ::inet_ntop(AF_INET, octets_.data() + v4_begin, out, sizeof out);
  else
    ::inet_ntop(AF_INET6, octets_.data(), out, sizeof out);
  return out;
}

ip_address ip_address::masked(unsigned bits) const {
  auto out = *this;
  for (unsigned i = 0; i < size; ++i) {
    auto kept = std::clamp(static_cast<int>(bits) - static_cast<int>(8 * i), 0, 8);
    out.octets_[i] &= static_cast<std::uint8_t>(0xff00 >> kept);
  }
  return out;
}

std::optional<network> network::of(std::string_view text) {
  auto slash = text.find('/');
  auto name = text.substr(0, slash);
  auto first = ip_address::of(name);
  if (!first)
    return std::nullopt;
  auto bits = all_bits;
  if (slash != text.npos) {
    auto prefix = prefix_of(text.substr(slash + 1));
    if (!prefix)
      return std::nullopt;
    auto dotted = name.find(':') == name.npos; // "::ffff:192.0.2.0/120" counts all 128 bits
    bits = dotted ? *prefix + v4_bits : *prefix;
  }
  if (bits > all_bits || first->masked(bits) != *first)
    return std::nullopt;
  return network{*first, bits};
}

bool network::contains(std::string_view text) const {
  auto x = ip_address::of(text);
  return x && contains(*x);
}

std::string network::text() const {
  if (prefix_ == all_bits)
    return first_.text();
  auto v4 = first_.is_v4() && prefix_ >= v4_bits;
  return first_.text() + "/" + std::to_string(v4 ? prefix_ - v4_bits : prefix_);
}

bool any_contains(std::span<const network> networks, const ip_address& x) {
  return std::ranges::any_of(networks, [&](const network& n) { return n.contains(x); });
}

bool any_contains(std::span<const network> networks, std::string_view text) {
  auto x = ip_address::of(text);
  return x && any_contains(networks, *x);
}

} // namespace hamlet
