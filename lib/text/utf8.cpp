// SPDX-License-Identifier: Apache-2.0
#include "lib/text/utf8.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/stringpiece.h>

namespace hamlet::utf8 {

std::optional<char32_t> take(std::string_view& text) {
  if (text.empty())
    return std::nullopt;
  auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) {
    text.remove_prefix(1);
    return first;
  }
  std::size_t size = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  if (size == 0 || text.size() < size)
    return std::nullopt;
  char32_t x = first & (0x7fu >> size);
  for (std::size_t i = 1; i < size; ++i) {
    auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xc0u) != 0x80)
      return std::nullopt;
    x = x << 6 | (next & 0x3fu);
  }
  bool overlong = (size == 3 && x < 0x800) || (size == 4 && x < 0x10000);
  if (overlong || (x >= 0xd800 && x < 0xe000) || x > 0x10ffff)
    return std::nullopt;
  text.remove_prefix(size);
  return x;
}

bool is_valid(std::string_view text) {
  while (!text.empty())
    if (!take(text))
      return false;
  return true;
}

bool is_ascii(std::string_view text) {
  return std::ranges::none_of(text, [](char x) { return (x & 0x80) != 0; });
}

std::size_t count(std::string_view text) {
  return static_cast<std::size_t>(
    std::ranges::count_if(text, [](char x) { return (x & 0xc0) != 0x80; }));
}

void append(std::string& out, char32_t x) {
  auto put = [&out](char32_t bits) { out += static_cast<char>(static_cast<unsigned char>(bits)); };
  if (x < 0x80) {
    put(x);
  } else if (x < 0x800) {
    put(0xc0 | x >> 6);
    put(0x80 | (x & 0x3f));
  } else if (x < 0x10000) {
    put(0xe0 | x >> 12);
    put(0x80 | (x >> 6 & 0x3f));
    put(0x80 | (x & 0x3f));
  } else {
    put(0xf0 | x >> 18);
    put(0x80 | (x >> 12 & 0x3f));
    put(0x80 | (x >> 6 & 0x3f));
    put(0x80 | (x & 0x3f));
  }
}

std::string repaired(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    auto x = take(text);
    if (!x)
      text.remove_prefix(1);
    append(out, x.value_or(0xfffd));
  }
  return out;
}

std::optional<std::string> to_nfc(std::string_view text) {
  if (is_ascii(text))
    return std::string{text};
  if (!is_valid(text) || text.size() > std::numeric_limits<std::int32_t>::max() / 4)
    return std::nullopt;
  auto status = U_ZERO_ERROR;
  auto* nfc = icu::Normalizer2::getNFCInstance(status);
  if (U_FAILURE(status))
    return std::nullopt;
  std::string out;
  icu::StringByteSink<std::string> sink{&out};
  nfc->normalizeUTF8(0, {text.data(), static_cast<std::int32_t>(text.size())}, sink, nullptr,
                     status);
  if (U_FAILURE(status))
    return std::nullopt;
  return out;
}

} // namespace hamlet::utf8
