// SPDX-License-Identifier: Apache-2.0
#include "lib/log/escape.hpp"

#include "lib/text/utf8.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace hamlet::log {

namespace {

/// Ends a line, moves the cursor, turns the direction of writing, or cannot be seen.
bool is_obeyed(char32_t code) {
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0xad
         || (code >= 0x200b && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e)
         || (code >= 0x2060 && code <= 0x206f) || code == 0xfeff
         || (code >= 0xfff9 && code <= 0xfffb) || code >= 0xe0000;
}

void append_hex(std::string& out, char32_t value, std::size_t width) {
  char digits[8];
  auto end = std::to_chars(digits, digits + sizeof digits, std::uint32_t{value}, 16).ptr;
  auto size = static_cast<std::size_t>(end - digits);
  out.append(width > size ? width - size : 0, '0').append(digits, size);
}

void append_octet(std::string& out, char c) {
  out += "\\x";
  append_hex(out, static_cast<unsigned char>(c), 2);
}

bool is_bare(char c) {
  return c > ' ' && c <= '~' && c != '"' && c != '\\' && c != '=';
}

bool append_short_escape(std::string& out, char32_t code) {
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
  for (auto rest = value; !rest.empty();) {
    auto begin = rest;
    auto code = utf8::take(rest);
    if (!code) {
      append_octet(out, begin[0]);
      rest.remove_prefix(1);
    } else if (append_short_escape(out, *code)) {
    } else if (*code < 0x80 && is_obeyed(*code)) {
      append_octet(out, begin[0]);
    } else if (is_obeyed(*code)) {
      out += "\\u{";
      append_hex(out, *code, 4);
      out += '}';
    } else {
      out += begin.substr(0, begin.size() - rest.size());
    }
  }
  out += '"';
}

void append_json(std::string& out, std::string_view value) {
  out += '"';
  for (auto rest = value; !rest.empty();) {
    auto begin = rest;
    auto code = utf8::take(rest);
    if (!code) {
      out += "\\ufffd";
      rest.remove_prefix(1);
    } else if (append_short_escape(out, *code)) {
    } else if (is_obeyed(*code) && *code <= 0xffff) {
      out += "\\u";
      append_hex(out, *code, 4);
    } else {
      out += begin.substr(0, begin.size() - rest.size());
    }
  }
  out += '"';
}

} // namespace hamlet::log
