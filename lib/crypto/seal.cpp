// SPDX-License-Identifier: Apache-2.0
#include "lib/crypto/seal.hpp"

#include "lib/crypto/digest.hpp"
#include "lib/crypto/init.hpp"
#include "lib/crypto/private_file.hpp"
#include "lib/crypto/random.hpp"

#include <algorithm>
#include <sodium.h>
#include <stdexcept>

namespace hamlet::crypto {

namespace {

// version, nonce, ciphertext, tag. The version makes room for another cipher.
constexpr char version = 1;
constexpr std::size_t nonce_size = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t head_size = 1 + nonce_size;
constexpr std::size_t tag_size = crypto_aead_xchacha20poly1305_ietf_ABYTES;

unsigned char* octets(char* x) {
  return reinterpret_cast<unsigned char*>(x);
}

const unsigned char* octets(const char* x) {
  return reinterpret_cast<const unsigned char*>(x);
}

} // namespace

result<server_key> server_key::load(const std::string& path) {
  auto bytes = read_private_file(path, size + 1);
  if (!bytes)
    return tl::unexpected{bytes.error()};
  if (bytes->size() != size)
    return fail(errc::bad_setup, path + " must hold 32 octets");
  server_key key{*bytes};
  wipe(*bytes);
  return key;
}

result<server_key> server_key::load_or_create(const std::string& path) {
  auto found = load(path);
  if (found || found.error().code != errc::not_found)
    return found;
  auto fresh = random_bytes(size);
  auto written = write_private_file(path, fresh, existing::keep);
  wipe(fresh);
  if (!written)
    return tl::unexpected{written.error()};
  return load(path); // of another process, if that one was faster
}

server_key::server_key(std::string_view octets) : octets_{} {
  if (octets.size() != size)
    throw std::invalid_argument{"a server key has 32 octets"};
  std::ranges::copy(octets, octets_.begin());
}

server_key::~server_key() {
  sodium_memzero(octets_.data(), octets_.size());
}

std::string server_key::derive(std::string_view purpose) const {
  return hmac_sha256({octets_.data(), octets_.size()}, purpose);
}

std::string server_key::seal(std::string_view secret, std::string_view context) const {
  init();
  auto out = version + random_bytes(nonce_size);
  out.resize(head_size + secret.size() + tag_size);
  auto key = derive("seal");
  crypto_aead_xchacha20poly1305_ietf_encrypt(
    octets(out.data()) + head_size, nullptr, octets(secret.data()), secret.size(),
    octets(context.data()), context.size(), nullptr, octets(out.data()) + 1, octets(key.data()));
  wipe(key);
  return out;
}

std::optional<std::string> server_key::unseal(std::string_view sealed,
                                              std::string_view context) const {
  init();
  if (sealed.size() < head_size + tag_size || sealed[0] != version)
    return std::nullopt;
  std::string out(sealed.size() - head_size - tag_size, '\0');
  auto key = derive("seal");
  auto opened = crypto_aead_xchacha20poly1305_ietf_decrypt(
    octets(out.data()), nullptr, nullptr, octets(sealed.data()) + head_size,
    sealed.size() - head_size, octets(context.data()), context.size(), octets(sealed.data()) + 1,
    octets(key.data()));
  wipe(key);
  if (opened != 0)
    return std::nullopt;
  return out;
}

} // namespace hamlet::crypto
