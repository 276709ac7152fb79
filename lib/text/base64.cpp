// SPDX-License-Identifier: Apache-2.0
#include "lib/text/base64.hpp"

#include <array>
#include <cstdint>

namespace hamlet::base64 {

namespace {

constexpr std::string_view alphabet =
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::uint8_t outside = 64;

constexpr std::array<std::uint8_t, 256> values = [] {
  std::array<std::uint8_t, 256> out{};
  out.fill(outside);
  for (std::size_t i = 0; i < alphabet.size(); ++i)
    out[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
  return out;
}();

std::uint32_t octet(char x) {
  return static_cast<unsigned char>(x);
}

} // namespace

std::string encode(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  auto put = [&out](std::uint32_t group, int digits) {
    for (int i = 0; i < digits; ++i)
      out += alphabet[(group >> (18 - 6 * i)) & 63];
  };
  std::size_t i = 0;
  for (; i + 3 <= bytes.size(); i += 3)
    put(octet(bytes[i]) << 16 | octet(bytes[i + 1]) << 8 | octet(bytes[i + 2]), 4);
  if (bytes.size() - i == 1) {
    put(octet(bytes[i]) << 16, 2);
    out += "==";
  } else if (bytes.size() - i == 2) {
    put(octet(bytes[i]) << 16 | octet(bytes[i + 1]) << 8, 3);
    out += '=';
  }
  return out;
}

std::optional<std::string> decode(std::string_view text) {
  if (text.size() % 4 != 0)
    return std::nullopt;
  std::size_t padding = 0;
  while (padding < 2 && text.ends_with('=')) {
    text.remove_suffix(1);
    ++padding;
  }
  std::string out;
  out.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t bits = 0;
  int held = 0; // bits that make no whole octet yet
  for (char x : text) {
    auto value = values[static_cast<unsigned char>(x)];
    if (value == outside)
      return std::nullopt;
    bits = (bits << 6 | value) & 0xffffff;
    held += 6;
    if (held >= 8) {
      held -= 8;
      out += static_cast<char>(bits >> held & 0xff);
    }
  }
  // RFC 4648 §3.5: two texts of one value would make two of one secret.
  if ((bits & ((1u << held) - 1)) != 0)
    return std::nullopt;
  return out;
}

} // namespace hamlet::base64
