// SPDX-License-Identifier: Apache-2.0
#include "lib/irc/capabilities.hpp"
#include "lib/irc/format.hpp"
#include "lib/irc/isupport.hpp"
#include "lib/irc/sasl_chunks.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

using namespace hamlet::irc;

/// What CAP REQ asks for is asked for again by the names that are listed; and the small parsers and
/// writers of texts keep to their bounds.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text{reinterpret_cast<const char*>(data), size};
  if (auto x = parse_cap_req(text, cap_set::all(), true)) {
    auto names = format_caps(x->add, 10'000);
    auto again = parse_cap_req(names[0], cap_set::all(), true);
    if (!again || again->add != x->add || x->add.has_any(x->remove) || x->add.has(cap::sts))
      std::abort();
    for (auto& piece : format_caps(x->add, 40, {}, true, true))
      if (piece.size() > 40)
        std::abort();
  }

  std::string whole;
  for (auto piece : split_text(text, 1 + size % 50))
    whole += piece;
  if (whole != text || has_formatting(strip_formatting(text)))
    std::abort();
  if (escape_isupport(text).find_first_of(std::string_view{" =\r\n\0", 5}) != std::string::npos)
    std::abort();

  sasl_chunks chunks{500};
  for (auto rest = text; !rest.empty();) {
    auto chunk = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(chunk.size() + 1, rest.size()));
    if (chunks.add(chunk) == sasl_chunks::step::done && chunks.take().size() > 500)
      std::abort();
  }
  sasl_chunks other{2 * size + 100};
  for (auto& chunk : split_sasl(text))
    other.add(chunk);
  if (other.take() != text)
    std::abort();
  return 0;
}
