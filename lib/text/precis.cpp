// SPDX-License-Identifier: Apache-2.0
#include "lib/text/precis.hpp"

#include "lib/text/ascii.hpp"
#include "lib/text/precis_class.hpp"
#include "lib/text/utf8.hpp"

#include <algorithm>
#include <optional>
#include <unicode/locid.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

namespace hamlet::text {

namespace {

constexpr std::size_t max_size = 1023;

// Some strings take more than one round to settle, RFC 8264 §7.
constexpr int max_rounds = 4;

std::u32string characters(std::string_view text) {
  std::u32string out;
  while (auto x = utf8::take(text))
    out += *x;
  return out;
}

std::string bytes(std::u32string_view text) {
  std::string out;
  for (auto x : text)
    utf8::append(out, x);
  return out;
}

// RFC 8264 §5.2.1: full-width and half-width letters are the ordinary ones.
std::optional<std::string> mapped_width(std::string_view text) {
  auto status = U_ZERO_ERROR;
  auto* nfkc = icu::Normalizer2::getNFKCInstance(status);
  if (U_FAILURE(status))
    return std::nullopt;
  std::string out;
  while (auto x = utf8::take(text)) {
    auto code = static_cast<UChar32>(*x);
    auto kind = u_getIntPropertyValue(code, UCHAR_DECOMPOSITION_TYPE);
    icu::UnicodeString plain;
    if ((kind == U_DT_WIDE || kind == U_DT_NARROW) && nfkc->getRawDecomposition(code, plain))
      plain.toUTF8String(out);
    else
      utf8::append(out, *x);
  }
  return out;
}

std::string lower_case(std::string_view text) {
  std::string out;
  auto plain = icu::UnicodeString::fromUTF8(
    icu::StringPiece{text.data(), static_cast<std::int32_t>(text.size())});
  plain.toLower(icu::Locale::getRoot()).toUTF8String(out);
  return out;
}

bool is_allowed(std::u32string_view text, bool in_names) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    switch (class_of(text[i])) {
    case precis_class::valid: break;
    case precis_class::free_text:
      if (in_names)
        return false;
      break;
    case precis_class::contextual:
      if (!obeys_context(text, i))
        return false;
      break;
    case precis_class::disallowed: return false;
    }
  }
  return true;
}

tl::unexpected<error> refused(const char* why) {
  return fail(errc::bad_request, why);
}

using form = result<std::string> (*)(std::string_view);

result<std::string> settled(std::string_view text, form once) {
  if (text.size() > max_size)
    return refused("too long");
  if (!utf8::is_valid(text))
    return refused("not UTF-8");
  auto out = once(text);
  for (int round = 1; out && round < max_rounds; ++round) {
    auto again = once(*out);
    if (again && *again == *out)
      break;
    if (again && round + 1 == max_rounds)
      return refused("never settles");
    out = std::move(again);
  }
  if (out && out->size() > max_size)
    return refused("too long");
  return out;
}

result<std::string> username_case_mapped(std::string_view text) {
  auto narrow = mapped_width(text);
  if (!narrow)
    return refused("no tables");
  // RFC 8265 §3.3.1: what may stand in a name is asked of the text as it came, and of the result.
  if (!is_allowed(characters(*narrow), true))
    return refused("a character that names may not have");
  auto nfc = utf8::to_nfc(lower_case(*narrow));
  if (!nfc || nfc->empty())
    return refused("empty");
  auto result = characters(*nfc);
  if (!is_allowed(result, true))
    return refused("a character that names may not have");
  if (!obeys_bidi_rule(result))
    return refused("mixed directions");
  return *nfc;
}

result<std::string> opaque(std::string_view text) {
  auto given = characters(text);
  if (!is_allowed(given, false))
    return refused("a character that passwords may not have");
  auto is_wide_space = [](char32_t x) {
    return x > 0x7f && u_charType(static_cast<UChar32>(x)) == U_SPACE_SEPARATOR;
  };
  std::ranges::replace_if(given, is_wide_space, U' ');
  auto nfc = utf8::to_nfc(bytes(given));
  if (!nfc || nfc->empty())
    return refused("empty");
  return *nfc;
}

} // namespace

result<std::string> canonical_name(std::string_view text) {
  return settled(text, username_case_mapped);
}

std::string caseless(std::string_view text) {
  if (utf8::is_ascii(text) || !utf8::is_valid(text))
    return ascii::lowered(text);
  std::string out{text};
  for (int round = 0; round < max_rounds; ++round) {
    auto narrow = mapped_width(out);
    auto next = narrow ? utf8::to_nfc(lower_case(*narrow)) : std::nullopt;
    if (!next || *next == out)
      break;
    out = std::move(*next);
  }
  return out;
}

result<std::string> opaque_string(std::string_view text) {
  return settled(text, opaque);
}

} // namespace hamlet::text
