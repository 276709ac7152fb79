// SPDX-License-Identifier: Apache-2.0
#include "lib/crypto/password.hpp"

#include "lib/crypto/init.hpp"

#include <cerrno>
#include <sodium.h>

namespace hamlet::crypto {

result<std::string> hash_password(std::string_view password, const argon2_cost& cost) {
  init();
  char out[crypto_pwhash_STRBYTES];
  errno = 0;
  if (crypto_pwhash_str_alg(out, password.data(), password.size(), cost.ops, cost.mem_bytes,
                            crypto_pwhash_ALG_ARGON2ID13)
      != 0)
    return errno == EINVAL || errno == EFBIG
             ? fail(errc::bad_setup, "the cost of password hashes is out of range")
             : fail(errc::busy, "no memory to hash a password");
  return std::string{out};
}

bool verify_password(const std::string& encoded, std::string_view password) {
  init();
  return encoded.size() < crypto_pwhash_STRBYTES
         && crypto_pwhash_str_verify(encoded.c_str(), password.data(), password.size()) == 0;
}

bool needs_rehash(const std::string& encoded, const argon2_cost& cost) {
  init();
  return encoded.size() >= crypto_pwhash_STRBYTES
         || crypto_pwhash_str_needs_rehash(encoded.c_str(), cost.ops, cost.mem_bytes) != 0
         || !encoded.starts_with(crypto_pwhash_argon2id_STRPREFIX);
}

} // namespace hamlet::crypto
