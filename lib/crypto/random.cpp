// SPDX-License-Identifier: Apache-2.0
#include "lib/crypto/random.hpp"

#include "lib/crypto/init.hpp"

#include <cstdint>
#include <sodium.h>
#include <string_view>

namespace hamlet::crypto {

namespace {

char one_of(std::string_view alphabet) {
  return alphabet[randombytes_uniform(static_cast<std::uint32_t>(alphabet.size()))];
}

} // namespace

std::string random_bytes(std::size_t n) {
  init();
  std::string out(n, '\0');
  randombytes_buf(out.data(), n);
  return out;
}

std::string random_text(std::size_t n) {
  init();
  std::string out(n, '\0');
  for (auto& x : out)
    x = one_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");
  return out;
}

std::string device_password() {
  init();
  std::string out(24, '-');
  for (std::size_t i = 0; i < out.size(); ++i)
    if (i % 5 != 4)
      out[i] = one_of("abcdefghjkmnpqrstuvwxyz23456789"); // without i, l, o, 0, 1
  return out;
}

} // namespace hamlet::crypto
