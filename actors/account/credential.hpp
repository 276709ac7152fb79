// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "lib/crypto/password.hpp"
#include "storage/accounts/account_repository.hpp"

#include <cstdint>
#include <string>

namespace hamlet {

/// What is stored of a password that was prepared (mail::prepared_password). As slow as its
/// Argon2id: never on a thread that serves others.
result<sql::credential> credential_of(const std::string& password, const std::string& salt,
                                      std::int64_t iterations, const crypto::argon2_cost& cost);

/// The same of a device password, which is random and needs no Argon2id.
sql::credential scram_only(const std::string& password, const std::string& salt,
                           std::int64_t iterations);

/// An active account with a salt of its own and without a password.
sql::account fresh_account(std::string local, std::string domain);

} // namespace hamlet
