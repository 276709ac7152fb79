// SPDX-License-Identifier: Apache-2.0
#include "lib/admin/token.hpp"

#include "lib/crypto/digest.hpp"
#include "lib/crypto/random.hpp"
#include "lib/text/ascii.hpp"

#include <algorithm>

namespace hamlet::admin {

namespace {

constexpr std::string_view mark = "hamlet-admin-";
constexpr std::size_t letters = 43; // of 5.95 bits
constexpr std::size_t max_name = 32;

} // namespace

std::string make_token() {
  return std::string{mark} + crypto::random_text(letters);
}

std::optional<std::string> token_hash(std::string_view token) {
  if (!token.starts_with(mark) || token.size() != mark.size() + letters)
    return std::nullopt;
  return crypto::sha256(token);
}

std::string_view bearer(std::string_view field) {
  constexpr std::string_view scheme = "bearer ";
  if (field.size() <= scheme.size() || !ascii::same_word(field.substr(0, scheme.size()), scheme))
    return {};
  return field.substr(scheme.size());
}

bool is_token_name(std::string_view name) {
  return !name.empty() && name.size() <= max_name && std::ranges::all_of(name, [](char x) {
    return (x >= 'a' && x <= 'z') || ascii::is_digit(x) || x == '-';
  });
}

} // namespace hamlet::admin
