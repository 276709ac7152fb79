// SPDX-License-Identifier: Apache-2.0
// A file is either refused with complaints of one line each, or read; and what was read, written
// out, is read back as the same.
#include "lib/config/describe.hpp"
#include "lib/config/load.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace {

void require(bool x) {
  if (!x)
    std::abort();
}

bool is_one_line(const std::string& x) {
  return std::ranges::none_of(x, [](char c) { return (c >= 0 && c < ' ') || c == 0x7f; });
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hamlet;
  std::string_view text{reinterpret_cast<const char*>(data), size};
  auto loaded = config::load(text, "f");
  if (!loaded) {
    require(!loaded.error().empty());
    require(std::ranges::all_of(loaded.error(), is_one_line));
    return 0;
  }
  auto again = config::load(config::file_text(*loaded, true), "f");
  require(again && config::changes(*loaded, *again).empty());
  return 0;
}
