// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"

#include <string>
#include <string_view>

namespace hamlet::crypto {

/// What one guess costs (RFC 9106). The default is the least that OWASP advises:
/// each login holds so much memory while it is checked.
struct argon2_cost {
  unsigned long long ops = 2;         ///< passes, 1 at least
  std::size_t mem_bytes = 19u << 20u; ///< 8 KiB at least
  bool operator==(const argon2_cost&) const = default;
};

/// Argon2id with a fresh salt in the usual text form "$argon2id$…". Takes tens of
/// milliseconds: never on a thread that serves others. errc::busy: no memory;
/// errc::bad_setup: the cost is out of range.
result<std::string> hash_password(std::string_view password, const argon2_cost& cost = {});

/// Is it the password of `encoded`? False, too, when `encoded` has no legal form.
/// As slow as hash_password().
bool verify_password(const std::string& encoded, std::string_view password);

/// `encoded` was made with another cost or algorithm: hash again at the next login.
bool needs_rehash(const std::string& encoded, const argon2_cost& cost = {});

} // namespace hamlet::crypto
