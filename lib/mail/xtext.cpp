// SPDX-License-Identifier: Apache-2.0
#include "lib/mail/xtext.hpp"

#include "lib/text/ascii.hpp"
#include "lib/text/hex.hpp"
#include "lib/text/utf8.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace hamlet::mail {

namespace {

bool is_plain(char x) { // xchar
  return x > ' ' && x < 127 && x != '+' && x != '=';
}

bool is_upper_hex(char x) {
  return hex_value(x) >= 0 && !(x >= 'a' && x <= 'f');
}

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](char x) { return (x >= 0 && x < ' ') || x == 127; });
}

bool is_type(std::string_view text) { // an atom, RFC 3461 §4.2
  return !text.empty() && std::ranges::all_of(text, [](char x) {
    return x == '-' || x == '_' || ascii::is_letter_or_digit(x);
  });
}

// Takes "x{F6}" off `text`, which stood behind a backslash.
std::optional<char32_t> take_embedded(std::string_view& text) {
  auto end = text.find('}');
  if (!text.starts_with("x{") || end == text.npos || end < 4 || end > 8)
    return std::nullopt;
  auto digits = text.substr(2, end - 2);
  if (digits.front() == '0' || !std::ranges::all_of(digits, is_upper_hex))
    return std::nullopt;
  std::uint32_t x = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), x, 16);
  if (x < ' ' || x > 0x10ffff || (x >= 0xd800 && x < 0xe000))
    return std::nullopt;
  text.remove_prefix(end + 1);
  return x;
}

} // namespace

bool is_xtext(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_plain(text[i]))
      continue;
    if (text[i] != '+' || text.size() - i < 3 || !is_upper_hex(text[i + 1])
        || !is_upper_hex(text[i + 2]))
      return false;
    i += 2;
  }
  return true;
}

std::optional<std::string> decode_xtext(std::string_view text) {
  if (!is_xtext(text))
    return std::nullopt;
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '+') {
      out += text[i];
      continue;
    }
    out += static_cast<char>(hex_value(text[i + 1]) << 4 | hex_value(text[i + 2]));
    i += 2;
  }
  return out;
}

std::string encode_xtext(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (char x : bytes) {
    if (is_plain(x)) {
      out += x;
      continue;
    }
    auto octet = static_cast<unsigned char>(x);
    out += {'+', digits[octet >> 4], digits[octet & 15]};
  }
  return out;
}

std::string encode_utf8_address(std::string_view utf8) {
  std::string out;
  while (auto x = utf8::take(utf8)) {
    if (*x < 128 && *x != '\\' && is_plain(static_cast<char>(*x))) {
      out += static_cast<char>(*x);
      continue;
    }
    std::array<char, 8> room{};
    auto end = std::to_chars(room.data(), room.data() + room.size(), std::uint32_t{*x}, 16).ptr;
    std::transform(room.data(), end, room.data(),
                   [](char c) { return c >= 'a' ? static_cast<char>(c - 32) : c; });
    out += "\\x{" + std::string{room.data(), end} + '}';
  }
  return out;
}

std::optional<std::string> decode_utf8_address(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    auto x = utf8::take(text);
    if (x == U'\\')
      x = take_embedded(text);
    else if (x && *x < 128 && !is_plain(static_cast<char>(*x)))
      return std::nullopt;
    if (!x || (*x >= 127 && *x < 0xa0))
      return std::nullopt;
    utf8::append(out, *x);
  }
  return out;
}

bool is_original_recipient(std::string_view text) {
  constexpr std::size_t most = 500; // RFC 3461 §4.2
  auto semicolon = text.find(';');
  if (text.size() > most || semicolon == text.npos || !is_type(text.substr(0, semicolon)))
    return false;
  auto value = text.substr(semicolon + 1);
  auto plain = ascii::same_word(text.substr(0, semicolon), "utf-8") ? decode_utf8_address(value)
                                                                    : decode_xtext(value);
  return plain && !plain->empty() && !has_control(*plain);
}

bool is_envelope_id(std::string_view text) {
  constexpr std::size_t most = 100; // RFC 3461 §4.4
  auto plain = text.size() <= most ? decode_xtext(text) : std::nullopt;
  return plain && !plain->empty() && utf8::is_ascii(*plain) && !has_control(*plain);
}

} // namespace hamlet::mail
