// SPDX-License-Identifier: Apache-2.0
#include "lib/irc/capabilities.hpp"

#include <algorithm>

namespace hamlet::irc {

namespace {

constexpr bool is_in_order() {
  for (std::size_t i = 0; i < cap_table.size(); ++i)
    if (static_cast<std::size_t>(cap_table[i].what) != i)
      return false;
  return cap_table.size() == cap_count;
}
static_assert(is_in_order());

} // namespace

std::optional<cap> cap_named(std::string_view name) {
  auto found = std::ranges::find_if(
    cap_table, [&](auto& x) { return !name.empty() && (x.name == name || x.alias == name); });
  return found == cap_table.end() ? std::nullopt : std::optional{found->what};
}

cap_set usable(cap_set enabled) {
  auto out = enabled;
  for (auto& x : cap_table)
    if (!enabled.has_all(x.needs))
      out.remove(x.what);
  return out;
}

bool takes_tags(cap_set enabled) {
  return enabled.has_any(
    {cap::message_tags, cap::account_tag, cap::server_time, cap::batch, cap::labeled_response});
}

std::optional<cap_change> parse_cap_req(std::string_view text, cap_set offered, bool is_302) {
  cap_change out;
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    if (text.empty())
      return out;
    auto word = text.substr(0, text.find(' '));
    text.remove_prefix(word.size());
    auto off = word.starts_with('-');
    auto what = cap_named(word.substr(off ? 1 : 0));
    if (!what || !offered.has(*what) || !row_of(*what).may_be_requested
        || (off && is_302 && *what == cap::cap_notify))
      return std::nullopt;
    (off ? out.remove : out.add).add(*what);
    (off ? out.add : out.remove).remove(*what);
  }
}

std::vector<std::string> format_caps(cap_set caps, std::size_t room,
                                     std::span<const cap_value> values, bool with_values,
                                     bool with_aliases) {
  std::vector<std::string> out{""};
  auto add = [&](std::string word) {
    if (!out.back().empty() && out.back().size() + 1 + word.size() > room)
      out.emplace_back();
    if (!out.back().empty())
      out.back() += ' ';
    out.back() += word;
  };
  for (auto& x : cap_table) {
    if (!caps.has(x.what))
      continue;
    std::string value;
    auto given = std::ranges::find(values, x.what, &cap_value::what);
    if (with_values && x.has_value && given != values.end() && !given->value.empty())
      value = "=" + given->value;
    add(std::string{x.name} + value);
    if (with_aliases && !x.alias.empty())
      add(std::string{x.alias} + value);
  }
  return out;
}

} // namespace hamlet::irc
