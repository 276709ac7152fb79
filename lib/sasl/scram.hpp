// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// SCRAM-SHA-256 (RFC 5802, RFC 7677): what the ACCOUNT stores and how it judges.

namespace hamlet::sasl {

/// Stored in place of the password: whoever steals them cannot log in with them, but
/// can guess passwords and play the server.
struct scram_keys {
  std::string stored_key; ///< 32 octets
  std::string server_key; ///< 32 octets
  bool operator==(const scram_keys&) const = default;
};

/// RFC 7677 §4 asks for 4096 at least; clients compute it at each login.
constexpr std::uint32_t scram_iterations = 4096;
constexpr std::size_t scram_salt_size = 16;

/// RFC 5802 §3. As slow as `iterations`.
/// @param password Prepared (RFC 4013) as clients do it.
scram_keys derive_scram_keys(std::string_view password, std::string_view salt,
                             std::uint32_t iterations);

/// Does the client know the password? RFC 5802 §3.
/// @return The server's signature, which proves to the client that we know the keys.
std::optional<std::string> verify_proof(const scram_keys& keys, std::string_view auth_message,
                                        std::string_view proof);

/// A salt for a name that has no keys: always the same, and like that of any account, so
/// that nobody learns which names exist. @param secret Of the server.
std::string fake_salt(std::string_view secret, std::string_view name);

} // namespace hamlet::sasl
