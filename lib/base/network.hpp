// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace hamlet {

/// An IPv4 or IPv6 address. All are kept as 16 octets, IPv4 as v4-mapped (RFC 4291 §2.5.5.2), so
/// that a client is the same one on a v4 and on a v6 socket.
class ip_address {
public:
  static constexpr std::size_t size = 16;

  ip_address() = default; ///< "::"
  explicit ip_address(const std::array<std::uint8_t, size>& octets) : octets_{octets} {}

  /// "192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1". No zone, no brackets, no name.
  static std::optional<ip_address> of(std::string_view text);

  bool is_v4() const;
  const std::array<std::uint8_t, size>& octets() const { return octets_; }
  /// RFC 5952 §4; IPv4 in its own notation, also when it came as v4-mapped.
  std::string text() const;
  /// The address with all but its first `bits` cleared. `bits` counts from the front of the 16
  /// octets: the /24 of an IPv4 address is 120.
  ip_address masked(unsigned bits) const;

  auto operator<=>(const ip_address&) const = default;

private:
  std::array<std::uint8_t, size> octets_{};
};

/// A range of addresses: "192.0.2.0/24", "2001:db8::/32" or a single address (RFC 4632 §3.1,
/// RFC 4291 §2.3).
class network {
public:
  /// nullopt: no address, a prefix that is too long, or bits set behind the prefix
  /// ("192.0.2.1/24" is a mistake more often than it is meant).
  static std::optional<network> of(std::string_view text);

  bool contains(const ip_address& x) const { return x.masked(prefix_) == first_; }
  /// False also when `text` is no address.
  bool contains(std::string_view text) const;
  std::string text() const; ///< "192.0.2.0/24"; a single address without its prefix

  bool operator==(const network&) const = default;

private:
  network(ip_address first, unsigned prefix) : first_{first}, prefix_{prefix} {}

  ip_address first_;
  unsigned prefix_; ///< of the 128 bits
};

/// Is the address in any of them? False when `text` is no address.
bool any_contains(std::span<const network> networks, std::string_view text);
bool any_contains(std::span<const network> networks, const ip_address& x);

} // namespace hamlet
