// SPDX-License-Identifier: Apache-2.0
#include "lib/text/precis.hpp"

#include "lib/text/domain.hpp"
#include "lib/text/utf8.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace hamlet;

namespace {

void check(bool holds) {
  if (!holds)
    std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text{reinterpret_cast<const char*>(data), size};
  auto nfc = utf8::to_nfc(text);
  check(nfc.has_value() == utf8::is_valid(text));
  if (auto name = text::canonical_name(text)) {
    auto again = text::canonical_name(*name);
    check(nfc.has_value() && again && *again == *name);
  }
  if (auto word = text::opaque_string(text)) {
    auto again = text::opaque_string(*word);
    check(nfc.has_value() && again && *again == *word);
  }
  if (auto domain = text::to_ascii_domain(text)) {
    check(domain->size() <= 255 && text::to_ascii_domain(*domain) == domain);
    check(text::to_ascii_domain(text::to_unicode_domain(*domain)) == domain);
  }
  text::to_unicode_domain(text);
  return 0;
}
