// SPDX-License-Identifier: Apache-2.0
#include "lib/text/charset.hpp"

#include "lib/text/ascii.hpp"
#include "lib/text/utf8.hpp"

#include <unicode/unistr.h>

namespace hamlet::text {

std::optional<std::string> to_utf8(std::string_view bytes, std::string_view charset) {
  constexpr std::size_t max_name = 40, max_bytes = 1u << 20;
  bytes = bytes.substr(0, max_bytes);
  if (charset.empty() || ascii::same_word(charset, "utf-8")
      || ascii::same_word(charset, "us-ascii"))
    return utf8::repaired(bytes);
  if (charset.size() > max_name)
    return std::nullopt;
  icu::UnicodeString found{bytes.data(), static_cast<std::int32_t>(bytes.size()),
                           std::string{charset}.c_str()};
  if (found.isBogus() || (found.isEmpty() && !bytes.empty())) // this is how ICU says it
    return std::nullopt;
  std::string out;
  found.toUTF8String(out);
  return out;
}

} // namespace hamlet::text
