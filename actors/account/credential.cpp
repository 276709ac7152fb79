// SPDX-License-Identifier: Apache-2.0
#include "actors/account/credential.hpp"

#include "lib/base/clock.hpp"
#include "lib/crypto/random.hpp"
#include "lib/sasl/scram.hpp"

#include <utility>

namespace hamlet {

sql::credential scram_only(const std::string& password, const std::string& salt,
                           std::int64_t iterations) {
  auto keys = sasl::derive_scram_keys(password, salt, static_cast<std::uint32_t>(iterations));
  return {{}, std::move(keys.stored_key), std::move(keys.server_key)};
}

result<sql::credential> credential_of(const std::string& password, const std::string& salt,
                                      std::int64_t iterations, const crypto::argon2_cost& cost) {
  return crypto::hash_password(password, cost).map([&](std::string hash) {
    auto made = scram_only(password, salt, iterations);
    made.argon2id = std::move(hash);
    return made;
  });
}

sql::account fresh_account(std::string local, std::string domain) {
  sql::account fresh;
  fresh.local = std::move(local);
  fresh.domain = std::move(domain);
  fresh.scram_salt = crypto::random_bytes(sasl::scram_salt_size);
  fresh.scram_iterations = sasl::scram_iterations;
  fresh.created_at = unix_seconds();
  return fresh;
}

} // namespace hamlet
