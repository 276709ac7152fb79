// SPDX-License-Identifier: Apache-2.0
#include "lib/text/base64.hpp"

#include "lib/text/hex.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace hamlet;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text{reinterpret_cast<const char*>(data), size};
  if (base64::decode(base64::encode(text)) != text || from_hex(to_hex(text)) != text)
    std::abort();
  // Strict: one value has one text.
  if (auto bytes = base64::decode(text); bytes && base64::encode(*bytes) != text)
    std::abort();
  return 0;
}
