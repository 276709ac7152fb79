// SPDX-License-Identifier: Apache-2.0
#include "lib/crypto/digest.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <limits>
#include <new>
#include <sodium.h>
#include <stdexcept>

namespace hamlet::crypto {

namespace {

unsigned char* octets(std::string& s) {
  return reinterpret_cast<unsigned char*>(s.data());
}

const unsigned char* octets(std::string_view s) {
  return reinterpret_cast<const unsigned char*>(s.data());
}

// The calls below fail without memory or with a crippled OpenSSL; a digest of
// nothing must never be taken for the real one.
void must(int returned) {
  if (returned != 1)
    throw std::runtime_error{"libcrypto failed"};
}

int small(std::size_t size) {
  if (size > std::numeric_limits<int>::max())
    throw std::length_error{"too long for libcrypto"};
  return static_cast<int>(size);
}

std::string digest(const EVP_MD* kind, std::string_view bytes) {
  std::string out(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  must(EVP_Digest(bytes.data(), bytes.size(), octets(out), &size, kind, nullptr));
  out.resize(size);
  return out;
}

} // namespace

std::string sha1(std::string_view bytes) {
  return digest(EVP_sha1(), bytes);
}

std::string sha256(std::string_view bytes) {
  return digest(EVP_sha256(), bytes);
}

void sha256_stream::free_context::operator()(evp_md_ctx_st* x) const {
  EVP_MD_CTX_free(x);
}

sha256_stream::sha256_stream() : context_{EVP_MD_CTX_new()} {
  if (!context_)
    throw std::bad_alloc{};
  must(EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr));
}

void sha256_stream::add(std::string_view bytes) {
  must(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()));
}

std::string sha256_stream::finish() {
  std::string out(sha256_size, '\0');
  must(EVP_DigestFinal_ex(context_.get(), octets(out), nullptr));
  must(EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr));
  return out;
}

std::string hmac_sha256(std::string_view key, std::string_view bytes) {
  std::string out(sha256_size, '\0');
  // A null key would mean "the key of last time" to OpenSSL.
  const void* k = key.empty() ? "" : key.data();
  auto* made =
    HMAC(EVP_sha256(), k, small(key.size()), octets(bytes), bytes.size(), octets(out), nullptr);
  must(made ? 1 : 0);
  return out;
}

std::string pbkdf2_sha256(std::string_view password, std::string_view salt,
                          std::uint32_t iterations) {
  std::string out(sha256_size, '\0');
  must(PKCS5_PBKDF2_HMAC(password.empty() ? "" : password.data(), small(password.size()),
                         octets(salt), small(salt.size()), small(iterations), EVP_sha256(),
                         small(out.size()), octets(out)));
  return out;
}

std::string md5_hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (auto x : digest(EVP_md5(), bytes)) {
    auto octet = static_cast<unsigned char>(x);
    out += digits[octet >> 4];
    out += digits[octet & 15];
  }
  return out;
}

bool constant_time_equal(std::string_view a, std::string_view b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

void wipe(std::string& secret) {
  sodium_memzero(secret.data(), secret.size());
  secret.clear();
}

} // namespace hamlet::crypto
