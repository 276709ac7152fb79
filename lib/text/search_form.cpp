// SPDX-License-Identifier: Apache-2.0
#include "lib/text/search_form.hpp"

#include "lib/text/ascii.hpp"
#include "lib/text/utf8.hpp"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

namespace hamlet::text {

std::string search_form(std::string_view text) {
  if (utf8::is_ascii(text)) // most of what is said, and a twentieth of the time
    return ascii::lowered(text);
  auto status = U_ZERO_ERROR;
  auto* folding = icu::Normalizer2::getNFKCCasefoldInstance(status);
  auto* apart = icu::Normalizer2::getNFDInstance(status);
  if (U_FAILURE(status))
    return std::string{text};
  auto given = icu::UnicodeString::fromUTF8(
    icu::StringPiece{text.data(), static_cast<std::int32_t>(text.size())});
  auto marked = apart->normalize(folding->normalize(given, status), status);
  icu::UnicodeString plain;
  for (std::int32_t i = 0; i < marked.length(); i = marked.moveIndex32(i, 1))
    if (auto x = marked.char32At(i); u_charType(x) != U_NON_SPACING_MARK)
      plain.append(x);
  std::string out;
  plain.toUTF8String(out);
  return out;
}

} // namespace hamlet::text
