// SPDX-License-Identifier: Apache-2.0
#include "lib/irc/modes.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

using namespace hamlet::irc;

namespace {

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    auto word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    out.emplace_back(word);
  }
  return out;
}

} // namespace

/// The changes that are read are written in lines that fit, which are read as the same changes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text{reinterpret_cast<const char*>(data), size};
  auto words = words_of(text);
  parse_user_modes(words);
  auto x = parse_channel_modes(words, 20);
  std::vector<mode_change> again;
  constexpr std::size_t room = 60;
  for (auto& line : format_modes(x.changes, room, 5)) {
    if (line.size() > room && line.find_first_of("+-", 1) < line.find(' '))
      std::abort();
    auto y = parse_channel_modes(words_of(line), 20);
    again.insert(again.end(), y.changes.begin(), y.changes.end());
    if (!y.unknown.empty() || !y.missing.empty() || !y.invalid.empty() || !y.lists.empty())
      std::abort();
  }
  if (again != x.changes)
    std::abort();
  if (static_cast<std::size_t>(
        std::ranges::count_if(x.changes, [](auto& one) { return !one.param.empty(); }))
      > 20)
    std::abort();
  return 0;
}
