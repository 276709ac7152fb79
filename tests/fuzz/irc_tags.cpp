// SPDX-License-Identifier: Apache-2.0
#include "lib/irc/message.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

using namespace hamlet::irc;

/// Whatever the parts of a message hold, it is one line that has as many of them. The input is cut
/// at 0xff: source, command, then parameters and tags in turn.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text{reinterpret_cast<const char*>(data), size};
  if (size > 400) // so that every line is one for parse()
    return 0;
  message x;
  for (int i = 0; !text.empty(); ++i) {
    auto part = text.substr(0, text.find('\xff'));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    if (i == 0)
      x.source = part;
    else if (i == 1)
      x.command = part;
    else if (i % 2 == 0 && x.params.size() < max_params)
      x.params.emplace_back(part);
    else
      x.set_tag(part.substr(0, part.find('=')), part);
    auto value = unescape_tag_value(escape_tag_value(part));
    if (part.find('\0') == part.npos && value != part)
      std::abort();
  }
  if (x.command.empty() || x.command[0] < 'A' || x.command[0] > 'Z')
    x.command = "X";
  auto line = serialise(x);
  auto again = parse(line, {8191, 2000});
  if (!again || again->params.size() != x.params.size())
    std::abort();
  for (auto& one : again->tags)
    if (x.find_tag(one.key) == nullptr)
      std::abort();
  return 0;
}
