// SPDX-License-Identifier: Apache-2.0
#include "lib/text/precis_class.hpp"

#include <algorithm>
#include <cstdint>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>

namespace hamlet::text {

namespace {

UChar32 code(char32_t x) {
  return static_cast<UChar32>(x);
}

constexpr bool within(char32_t x, char32_t first, char32_t last) {
  return x >= first && x <= last;
}

bool is_arabic_indic(char32_t x) {
  return within(x, 0x660, 0x669);
}

bool is_extended_arabic_indic(char32_t x) {
  return within(x, 0x6f0, 0x6f9);
}

bool is_contextual(char32_t x) { // CONTEXTO of RFC 5892 §2.6, and JoinControl of §2.8
  return x == 0xb7 || x == 0x375 || x == 0x5f3 || x == 0x5f4 || x == 0x30fb || x == 0x200c
         || x == 0x200d || is_arabic_indic(x) || is_extended_arabic_indic(x);
}

bool is_exception(char32_t x) { // the PVALID of RFC 5892 §2.6
  return x == 0xdf || x == 0x3c2 || x == 0x6fd || x == 0x6fe || x == 0xf0b || x == 0x3007;
}

bool is_banned(char32_t x) { // the DISALLOWED of RFC 5892 §2.6
  return x == 0x640 || x == 0x7fa || x == 0x302e || x == 0x302f || within(x, 0x3031, 0x3035)
         || x == 0x303b;
}

bool is_old_hangul_jamo(char32_t x) { // RFC 5892 §2.9
  auto kind = u_getIntPropertyValue(code(x), UCHAR_HANGUL_SYLLABLE_TYPE);
  return kind == U_HST_LEADING_JAMO || kind == U_HST_VOWEL_JAMO || kind == U_HST_TRAILING_JAMO;
}

bool has_compatibility_form(char32_t x) { // HasCompat, RFC 8264 §9.17
  auto status = U_ZERO_ERROR;
  auto* nfkc = icu::Normalizer2::getNFKCInstance(status);
  return U_FAILURE(status) || !nfkc->isNormalized(icu::UnicodeString{code(x)}, status)
         || U_FAILURE(status);
}

bool has_script(char32_t x, UScriptCode script) {
  auto status = U_ZERO_ERROR;
  return uscript_getScript(code(x), &status) == script && U_SUCCESS(status);
}

bool is_virama(char32_t x) {
  constexpr std::uint8_t virama = 9;
  return u_getCombiningClass(code(x)) == virama;
}

int joining_type(char32_t x) {
  return u_getIntPropertyValue(code(x), UCHAR_JOINING_TYPE);
}

// RFC 5892 appendix A.1: the letters on both sides would join.
bool breaks_a_join(std::u32string_view text, std::size_t i) {
  auto before = text.substr(0, i), after = text.substr(i + 1);
  while (!before.empty() && joining_type(before.back()) == U_JT_TRANSPARENT)
    before.remove_suffix(1);
  while (!after.empty() && joining_type(after.front()) == U_JT_TRANSPARENT)
    after.remove_prefix(1);
  if (before.empty() || after.empty())
    return false;
  auto left = joining_type(before.back()), right = joining_type(after.front());
  return (left == U_JT_LEFT_JOINING || left == U_JT_DUAL_JOINING)
         && (right == U_JT_RIGHT_JOINING || right == U_JT_DUAL_JOINING);
}

} // namespace

precis_class class_of(char32_t x) { // in the order of RFC 8264 §8
  using enum precis_class;
  if (is_exception(x))
    return valid;
  if (is_banned(x))
    return disallowed;
  if (is_contextual(x))
    return contextual;
  auto category = u_charType(code(x));
  if (category == U_UNASSIGNED)
    return disallowed; // noncharacters too
  if (within(x, 0x21, 0x7e))
    return valid;
  if (is_old_hangul_jamo(x) || u_hasBinaryProperty(code(x), UCHAR_DEFAULT_IGNORABLE_CODE_POINT)
      || category == U_CONTROL_CHAR)
    return disallowed;
  if (has_compatibility_form(x))
    return free_text;
  auto mask = U_MASK(category);
  constexpr auto letter_digits = U_GC_LL_MASK | U_GC_LU_MASK | U_GC_LO_MASK | U_GC_ND_MASK
                                 | U_GC_LM_MASK | U_GC_MN_MASK | U_GC_MC_MASK;
  if ((mask & letter_digits) != 0)
    return valid;
  constexpr auto others = U_GC_LT_MASK | U_GC_NL_MASK | U_GC_NO_MASK | U_GC_ME_MASK | U_GC_ZS_MASK
                          | U_GC_S_MASK | U_GC_P_MASK;
  return (mask & others) != 0 ? free_text : disallowed;
}

bool obeys_context(std::u32string_view text, std::size_t i) {
  auto x = text[i];
  bool has_before = i > 0, has_after = i + 1 < text.size();
  if (x == 0x200c) // ZERO WIDTH NON-JOINER
    return (has_before && is_virama(text[i - 1])) || breaks_a_join(text, i);
  if (x == 0x200d) // ZERO WIDTH JOINER
    return has_before && is_virama(text[i - 1]);
  if (x == 0xb7) // MIDDLE DOT, as in Catalan
    return has_before && has_after && text[i - 1] == 'l' && text[i + 1] == 'l';
  if (x == 0x375) // GREEK LOWER NUMERAL SIGN
    return has_after && has_script(text[i + 1], USCRIPT_GREEK);
  if (x == 0x5f3 || x == 0x5f4) // HEBREW PUNCTUATION GERESH, GERSHAYIM
    return has_before && has_script(text[i - 1], USCRIPT_HEBREW);
  if (x == 0x30fb) // KATAKANA MIDDLE DOT
    return std::ranges::any_of(text, [](char32_t y) {
      return has_script(y, USCRIPT_HIRAGANA) || has_script(y, USCRIPT_KATAKANA)
             || has_script(y, USCRIPT_HAN);
    });
  if (is_arabic_indic(x))
    return std::ranges::none_of(text, is_extended_arabic_indic);
  return is_extended_arabic_indic(x) && std::ranges::none_of(text, is_arabic_indic);
}

bool obeys_bidi_rule(std::u32string_view text) {
  auto bit = [](UCharDirection kind) { return std::uint32_t{1} << kind; };
  auto direction = [&](char32_t x) { return bit(u_charDirection(code(x))); };
  const auto left = bit(U_LEFT_TO_RIGHT), arabic_number = bit(U_ARABIC_NUMBER),
             number = bit(U_EUROPEAN_NUMBER), mark = bit(U_DIR_NON_SPACING_MARK),
             right = bit(U_RIGHT_TO_LEFT) | bit(U_RIGHT_TO_LEFT_ARABIC);
  const auto neutral = bit(U_EUROPEAN_NUMBER_SEPARATOR) | bit(U_COMMON_NUMBER_SEPARATOR)
                       | bit(U_EUROPEAN_NUMBER_TERMINATOR) | bit(U_OTHER_NEUTRAL)
                       | bit(U_BOUNDARY_NEUTRAL) | mark;
  std::uint32_t seen = 0;
  for (auto x : text)
    seen |= direction(x);
  if ((seen & (right | arabic_number)) == 0)
    return true;
  auto first = direction(text.front()); // rule 1
  if ((first & (left | right)) == 0)
    return false;
  auto body = text;
  while (!body.empty() && direction(body.back()) == mark)
    body.remove_suffix(1);
  if (body.empty())
    return false;
  auto last = direction(body.back());
  if (first == left) // rules 5 and 6
    return (seen & ~(left | number | neutral)) == 0 && (last & (left | number)) != 0;
  return (seen & ~(right | arabic_number | number | neutral)) == 0 // rules 2 to 4
         && (last & (right | arabic_number | number)) != 0
         && (seen & (arabic_number | number)) != (arabic_number | number);
}

} // namespace hamlet::text
