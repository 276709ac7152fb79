// SPDX-License-Identifier: Apache-2.0
#include "lib/crypto/init.hpp"

#include <sodium.h>
#include <stdexcept>

namespace hamlet::crypto {

void init() {
  static const bool ready = sodium_init() >= 0;
  if (!ready)
    throw std::runtime_error{"libsodium has no source of randomness"};
}

} // namespace hamlet::crypto
