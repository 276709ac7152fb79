// SPDX-License-Identifier: Apache-2.0
#include "lib/irc/line_splitter.hpp"

#include <cstdint>
#include <cstdlib>
#include <vector>

using namespace hamlet::irc;

namespace {

constexpr line_limits small{20, 10}; // so that short inputs come to the limits
constexpr std::size_t recvq = 64;

std::vector<std::string> split(std::string_view bytes, std::size_t step) {
  line_splitter lines{small, recvq};
  std::vector<std::string> out;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    lines.feed(bytes.substr(at, step));
    while (auto x = lines.next()) {
      out.push_back(std::to_string(static_cast<int>(x->what)) + std::string{x->text});
      if (x->text.find('\n') != x->text.npos || x->text.size() > small.whole())
        std::abort();
    }
    if (lines.buffered() > small.whole() + 1)
      std::abort();
  }
  return out;
}

} // namespace

/// Where the input is split changes nothing, and what is kept is bounded.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view bytes{reinterpret_cast<const char*>(data), size};
  auto whole = split(bytes, size + 1);
  if (split(bytes, 1) != whole || split(bytes, 1 + (size > 0 ? data[0] % 31 : 0)) != whole)
    std::abort();
  return 0;
}
