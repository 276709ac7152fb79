// SPDX-License-Identifier: Apache-2.0
#include "lib/irc/ban.hpp"
#include "lib/irc/casemap.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

using namespace hamlet::irc;

namespace {

// The definition, for short texts: what glob has to agree with.
bool matches(std::string_view pattern, std::string_view text) {
  if (pattern.empty())
    return text.empty();
  if (pattern[0] == '*')
    return matches(pattern.substr(1), text) || (!text.empty() && matches(pattern, text.substr(1)));
  if (text.empty())
    return false;
  if (pattern[0] == '\\' && pattern.size() > 1 && (pattern[1] == '*' || pattern[1] == '?'))
    pattern.remove_prefix(1);
  else if (pattern[0] == '?')
    return matches(pattern.substr(1), text.substr(1));
  return pattern[0] == text[0] && matches(pattern.substr(1), text.substr(1));
}

bool is_ascii(std::string_view text) {
  return std::ranges::none_of(text, [](char x) { return (x & 0x80) != 0; });
}

} // namespace

/// A ban is listed in a form that is read as the same ban; masks match as they are defined to. The
/// input is a mask, 0xff and a name.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text{reinterpret_cast<const char*>(data), size};
  auto mask = text.substr(0, text.find('\xff'));
  auto name = text.substr(std::min(mask.size() + 1, text.size()));
  if (mask.size() + name.size() <= 24 && is_ascii(mask) && is_ascii(name)
      && glob{mask}.matches(name) != matches(fold(mask), fold(name)))
    std::abort();
  if (fold(fold(name)) != fold(name) || !same_name(name, fold(name)))
    std::abort();
  confusable_key(name.substr(0, 100));

  auto x = ban::of(mask);
  if (!x)
    return 0;
  ban_target target{{.nick = name,
                     .user = name,
                     .host = name,
                     .ip = "192.0.2.1",
                     .account = name,
                     .realname = name,
                     .certfp = name,
                     .in_channel = [](std::string_view, char) { return true; }}};
  auto again = ban::of(x->text());
  if (!again || again->text() != x->text() || again->matches(target) != x->matches(target)
      || x->text().size() > hostmask::max_size || !is_mask_text(x->text()))
    std::abort();
  return 0;
}
