// SPDX-License-Identifier: Apache-2.0
#include "lib/mail/binary.hpp"

#include "lib/mail/header_field.hpp"
#include "lib/mail/mime_walk.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace hamlet::mail;

namespace {

void check(bool holds) {
  if (!holds)
    std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view message{reinterpret_cast<const char*>(data), size};
  std::size_t at = 0;
  if (auto segments = walk_mime(message)) {
    for (auto& x : *segments) {
      check(x.begin == at && x.end >= at);
      at = x.end;
    }
    check(at == size);
  }
  if (auto text = to_text(message)) {
    check(is_text(*text));
    check(to_text(*text) == text);
  }
  return 0;
}
