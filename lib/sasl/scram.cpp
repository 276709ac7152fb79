// SPDX-License-Identifier: Apache-2.0
#include "lib/sasl/scram.hpp"

#include "lib/crypto/digest.hpp"

namespace hamlet::sasl {

using crypto::hmac_sha256;
using crypto::sha256;

// RFC 5802 §3: SaltedPassword := Hi(password, salt, i), Hi being PBKDF2.
scram_keys derive_scram_keys(std::string_view password, std::string_view salt,
                             std::uint32_t iterations) {
  auto salted = crypto::pbkdf2_sha256(password, salt, iterations);
  auto client_key = hmac_sha256(salted, "Client Key");
  scram_keys keys{sha256(client_key), hmac_sha256(salted, "Server Key")};
  crypto::wipe(client_key);
  crypto::wipe(salted);
  return keys;
}

// RFC 5802 §3: ClientProof XOR ClientSignature must be the key whose hash we store.
std::optional<std::string> verify_proof(const scram_keys& keys, std::string_view auth_message,
                                        std::string_view proof) {
  auto client_key = hmac_sha256(keys.stored_key, auth_message);
  if (proof.size() != client_key.size())
    return std::nullopt;
  for (std::size_t i = 0; i < proof.size(); ++i)
    client_key[i] = static_cast<char>(client_key[i] ^ proof[i]);
  auto right = crypto::constant_time_equal(sha256(client_key), keys.stored_key);
  crypto::wipe(client_key);
  if (!right)
    return std::nullopt;
  return hmac_sha256(keys.server_key, auth_message);
}

std::string fake_salt(std::string_view secret, std::string_view name) {
  return hmac_sha256(secret, name).substr(0, scram_salt_size);
}

} // namespace hamlet::sasl
