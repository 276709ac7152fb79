// SPDX-License-Identifier: Apache-2.0
#include "lib/irc/cloak.hpp"

#include "lib/crypto/digest.hpp"
#include "lib/text/ascii.hpp"

#include <cstdint>

namespace hamlet::irc {

namespace {

constexpr std::size_t cloak_size = 10; // octets: 16 characters

// A multiple of five octets, so there is no padding.
std::string base32(std::string_view bytes) {
  constexpr std::string_view digits = "abcdefghijklmnopqrstuvwxyz234567";
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  for (auto x : bytes) {
    bits = bits << 8 | static_cast<unsigned char>(x);
    for (count += 8; count >= 5; count -= 5)
      out += digits[bits >> (count - 5) & 31];
  }
  return out;
}

std::string cloak_of(const std::string& key, const std::string& suffix, const ip_address& x) {
  auto whole = x.is_v4() ? x : x.masked(64);
  auto& octets = whole.octets();
  std::string bytes{octets.begin(), octets.end()};
  auto mac = crypto::hmac_sha256(key, "irc cloak " + bytes);
  return base32(std::string_view{mac}.substr(0, cloak_size)) + "." + suffix;
}

} // namespace

cloaker::cloaker(std::string key, std::string suffix, std::vector<std::string> old_keys)
    : key_{std::move(key)}, suffix_{std::move(suffix)}, old_keys_{std::move(old_keys)} {
}

std::string cloaker::cloak(const ip_address& x) const {
  if (key_.empty()) {
    auto text = x.text();
    return text.starts_with(':') ? "0" + text : text; // "::1" would end the parameters
  }
  return cloak_of(key_, suffix_, x);
}

std::vector<std::string> cloaker::all(const ip_address& x) const {
  std::vector<std::string> out{cloak(x)};
  for (auto& key : old_keys_)
    if (!key.empty())
      out.push_back(cloak_of(key, suffix_, x));
  return out;
}

std::string account_host(std::string_view account, std::string_view suffix) {
  std::string out;
  for (auto x : account)
    out += ascii::is_letter_or_digit(x) ? ascii::lower(x) : '-';
  return out + "." + std::string{suffix};
}

} // namespace hamlet::irc
