// SPDX-License-Identifier: Apache-2.0
#include "lib/irc/casemap.hpp"

#include "lib/text/ascii.hpp"
#include "lib/text/confusable.hpp"
#include "lib/text/precis.hpp"
#include "lib/text/precis_class.hpp"
#include "lib/text/utf8.hpp"

#include <algorithm>
#include <array>

namespace hamlet::irc {

namespace {

bool is_control(char x) {
  return static_cast<unsigned char>(x) < 0x20 || x == 0x7f;
}

bool is_nick_special(char x) {
  return std::string_view{"[]\\`_^{|}"}.find(x) != std::string_view::npos;
}

bool begins_nick(char x) {
  return (ascii::is_letter_or_digit(x) && !ascii::is_digit(x)) || is_nick_special(x);
}

bool continues_nick(char x) {
  return ascii::is_letter_or_digit(x) || is_nick_special(x) || x == '-';
}

bool is_wide_space(char32_t x) {
  return x == 0xa0 || x == 0x1680 || (x >= 0x2000 && x <= 0x200a) || x == 0x202f || x == 0x205f
         || x == 0x3000;
}

// Each character of another script may stand in free text, and is no space.
bool is_free_text(std::string_view text) {
  std::u32string all;
  while (!text.empty()) {
    auto x = utf8::take(text);
    if (!x)
      return false;
    all += *x;
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i] < 0x80)
      continue;
    auto kind = text::class_of(all[i]);
    if (kind == text::precis_class::disallowed || is_wide_space(all[i])
        || (kind == text::precis_class::contextual && !text::obeys_context(all, i)))
      return false;
  }
  return true;
}

// "I" looks like "l", and "i" is "I" in another case: one key for all three.
std::string key_of(std::string_view text) {
  auto key = text::skeleton(fold(text::skeleton(text)));
  std::ranges::replace(key, 'i', 'l');
  return key;
}

// Most names are ASCII, and skeletons of ASCII are put together from those of its characters.
const std::array<std::string, 128>& ascii_keys() {
  static const auto keys = [] {
    std::array<std::string, 128> made;
    for (std::size_t i = 0; i < made.size(); ++i)
      made[i] = key_of(std::string(1, static_cast<char>(i)));
    return made;
  }();
  return keys;
}

} // namespace

std::string fold(std::string_view name) {
  return text::caseless(name);
}

bool same_name(std::string_view a, std::string_view b) {
  if (utf8::is_ascii(a) && utf8::is_ascii(b))
    return ascii::same_word(a, b);
  return fold(a) == fold(b);
}

bool is_valid_nick(std::string_view name, std::size_t nicklen, bool allow_utf8) {
  if (name.empty() || name.size() > nicklen)
    return false;
  if (utf8::is_ascii(name))
    return begins_nick(name[0]) && std::ranges::all_of(name, continues_nick);
  auto is_other = [](char x) { return (x & 0x80) != 0; };
  if (!allow_utf8 || !(begins_nick(name[0]) || is_other(name[0]))
      || !std::ranges::all_of(name, [&](char x) { return is_other(x) || continues_nick(x); }))
    return false;
  // Folded it must be a nick too: full-width digits become ASCII.
  auto form = text::canonical_name(name);
  return form && form->size() <= nicklen && (begins_nick((*form)[0]) || is_other((*form)[0]))
         && std::ranges::all_of(*form, [&](char x) { return is_other(x) || continues_nick(x); });
}

bool is_valid_channel(std::string_view name, std::size_t channellen, bool allow_utf8,
                      std::string_view types) {
  if (name.size() < 2 || name.size() > channellen || types.find(name[0]) == types.npos)
    return false;
  auto is_bad = [](char x) { return is_control(x) || x == ' ' || x == ',' || x == ':'; };
  if (std::ranges::any_of(name, is_bad))
    return false;
  if (utf8::is_ascii(name))
    return true;
  // Full-width forms fold to ASCII, where they must not mean more than they did.
  return allow_utf8 && is_free_text(name) && std::ranges::none_of(fold(name), is_bad);
}

bool is_valid_user(std::string_view name, std::size_t userlen) {
  auto is_bad = [](char x) {
    return is_control(x) || std::string_view{" @!*?:"}.find(x) != std::string_view::npos;
  };
  return !name.empty() && name.size() <= userlen && std::ranges::none_of(name, is_bad)
         && utf8::is_valid(name);
}

std::string confusable_key(std::string_view name) {
  if (!utf8::is_ascii(name))
    return key_of(name);
  std::string key;
  key.reserve(name.size());
  for (auto x : name)
    key += ascii_keys()[static_cast<unsigned char>(x)];
  return key;
}

bool needs_key_alone(std::string_view name) {
  return !utf8::is_ascii(name);
}

} // namespace hamlet::irc
