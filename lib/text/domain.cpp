// SPDX-License-Identifier: Apache-2.0
#include "lib/text/domain.hpp"

#include "lib/text/ascii.hpp"
#include "lib/text/utf8.hpp"

#include <algorithm>
#include <idn2.h>
#include <memory>

namespace hamlet::text {

namespace {

constexpr std::size_t max_domain = 255;
constexpr std::size_t max_label = 63;

struct free_idn {
  void operator()(char* x) const { idn2_free(x); }
};
using idn_text = std::unique_ptr<char, free_idn>;

// RFC 1123 §2.1, RFC 5321 §4.1.2 (sub-domain).
bool is_label(std::string_view x) {
  return !x.empty() && x.size() <= max_label && x.front() != '-' && x.back() != '-'
         && std::ranges::all_of(x, [](char c) { return c == '-' || ascii::is_letter_or_digit(c); });
}

bool is_host_name(std::string_view x) {
  if (x.empty() || x.size() > max_domain)
    return false;
  for (;;) {
    auto dot = x.find('.');
    if (!is_label(x.substr(0, dot)))
      return false;
    if (dot == x.npos)
      return true;
    x.remove_prefix(dot + 1);
  }
}

} // namespace

std::optional<std::string> to_ascii_domain(std::string_view text) {
  if (utf8::is_ascii(text)) {
    if (!is_host_name(text))
      return std::nullopt;
    return ascii::lowered(text);
  }
  // A character of four octets gives at least one of the result, so more cannot fit.
  if (text.size() > 4 * max_domain || !utf8::is_valid(text))
    return std::nullopt;
  // libidn2 drops or keeps other ASCII in a label that is not all ASCII.
  if (!std::ranges::all_of(text, [](char x) {
        return (x & 0x80) != 0 || x == '.' || x == '-' || ascii::is_letter_or_digit(x);
      }))
    return std::nullopt;
  char* raw = nullptr;
  auto code = idn2_to_ascii_8z(std::string{text}.c_str(), &raw,
                               IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL | IDN2_USE_STD3_ASCII_RULES);
  idn_text owner{raw};
  if (code != IDN2_OK || !is_host_name(raw))
    return std::nullopt;
  return ascii::lowered(raw);
}

std::string to_unicode_domain(std::string_view ascii) {
  std::string out{ascii};
  if (ascii.size() > max_domain || out.find("xn--") == out.npos || ascii.find('\0') != ascii.npos)
    return out;
  char* raw = nullptr;
  auto code = idn2_to_unicode_8z8z(out.c_str(), &raw, 0);
  idn_text owner{raw};
  // What does not come back as it was would show one name and mean another.
  if (code != IDN2_OK || to_ascii_domain(raw) != out)
    return out;
  return raw;
}

} // namespace hamlet::text
