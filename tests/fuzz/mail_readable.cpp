// SPDX-License-Identifier: Apache-2.0
#include "lib/mail/readable.hpp"
#include "lib/text/utf8.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

using namespace hamlet;

namespace {

void check(bool holds) {
  if (!holds)
    std::abort();
}

/// What may stand in a line of chat.
void check_line(std::string_view text, std::size_t octets) {
  check(utf8::is_valid(text) && text.size() <= octets);
  check(std::ranges::none_of(text, [](char c) { return (c >= 0 && c < ' ') || c == 127; }));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text{reinterpret_cast<const char*>(data), size};
  constexpr mail::readable_bounds bounds{.lines = 5, .octets = 80};
  auto found = mail::read_plain(text, bounds);
  check_line(found.subject, bounds.octets);
  check_line(found.from, bounds.octets);
  check(found.lines.size() <= bounds.lines);
  for (auto& line : found.lines)
    check_line(line, bounds.octets);
  check_line(mail::decoded_words(text), 4 * size + 1000);
  return 0;
}
