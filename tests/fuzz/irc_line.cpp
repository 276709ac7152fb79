// SPDX-License-Identifier: Apache-2.0
#include "lib/irc/message.hpp"

#include <cstdint>
#include <cstdlib>

using namespace hamlet::irc;

/// A line is taken apart and put together to one that has the same parts, and never two lines.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view line{reinterpret_cast<const char*>(data), size};
  auto x = parse(line, server_limits);
  if (!x)
    return 0;
  auto text = serialise(*x);
  auto again = parse(text, server_limits);
  if (!again || *again != *x || text.find_first_of(std::string_view{"\r\n\0", 3}) != text.npos)
    std::abort();
  if (x->params.size() > max_params || x->command.empty())
    std::abort();
  return 0;
}
