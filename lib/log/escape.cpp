// SPDX-License-Identifier: Apache-2.0
#include "lib/log/escape.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace hamlet::log {

namespace {

struct character {
  std::uint32_t code; ///< the octet itself when `length` is 0
  std::size_t length; ///< octets; 0: no UTF-8 (RFC 3629 §4)
};

std::uint32_t octet(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]);
}

character first_of(std::string_view text) {
  auto lead = octet(text, 0);
  auto length = lead < 0x80 ? 1u : lead < 0xc2 ? 0u : lead < 0xe0 ? 2u : lead < 0xf0 ? 3u : 4u;
  if (length == 1)
    return {lead, 1};
  if (length == 0 || lead > 0xf4 || text.size() < length)
    return {lead, 0};
  auto code = lead & (0xffu >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((octet(text, i) & 0xc0) != 0x80)
      return {lead, 0};
    code = code << 6 | (octet(text, i) & 0x3f);
  }
  constexpr std::uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
  auto surrogate = code >= 0xd800 && code < 0xe000;
  if (code < smallest[length] || code > 0x10ffff || surrogate)
    return {lead, 0};
  return {code, length};
}

/// Ends a line, moves the cursor, turns the direction of writing, or cannot be seen.
bool is_obeyed(std::uint32_t code) {
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0xad
         || (code >= 0x200b && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e)
         || (code >= 0x2060 && code <= 0x206f) || code == 0xfeff
         || (code >= 0xfff9 && code <= 0xfffb) || code >= 0xe0000;
}

void append_hex(std::string& out, std::uint32_t value, std::size_t width) {
  char digits[8];
  auto end = std::to_chars(digits, digits + sizeof digits, value, 16).ptr;
  auto size = static_cast<std::size_t>(end - digits);
  out.append(width > size ? width - size : 0, '0').append(digits, size);
}

bool is_bare(char c) {
  return c > ' ' && c <= '~' && c != '"' && c != '\\' && c != '=';
}

bool append_short_escape(std::string& out, std::uint32_t code) {
  switch (code) {
  case '"': out += "\\\""; return true;
  case '\\': out += "\\\\"; return true;
  case '\n': out += "\\n"; return true;
  case '\r': out += "\\r"; return true;
  case '\t': out += "\\t"; return true;
  default: return false;
  }
}

} // namespace

void append_quoted(std::string& out, std::string_view value) {
  if (!value.empty() && std::ranges::all_of(value, is_bare)) {
    out += value;
    return;
  }
  out += '"';
  while (!value.empty()) {
    auto [code, length] = first_of(value);
    if (length == 0 || (length == 1 && is_obeyed(code))) {
      if (!append_short_escape(out, code)) {
        out += "\\x";
        append_hex(out, code, 2);
      }
    } else if (is_obeyed(code)) {
      out += "\\u{";
      append_hex(out, code, 4);
      out += '}';
    } else if (!append_short_escape(out, code)) {
      out += value.substr(0, length);
    }
    value.remove_prefix(std::max<std::size_t>(length, 1));
  }
  out += '"';
}

void append_json(std::string& out, std::string_view value) {
  out += '"';
  while (!value.empty()) {
    auto [code, length] = first_of(value);
    if (length == 0) {
      out += "\\ufffd";
    } else if (!append_short_escape(out, code)) {
      if (is_obeyed(code) && code <= 0xffff) {
        out += "\\u";
        append_hex(out, code, 4);
      } else {
        out += value.substr(0, length);
      }
    }
    value.remove_prefix(std::max<std::size_t>(length, 1));
  }
  out += '"';
}

} // namespace hamlet::log
