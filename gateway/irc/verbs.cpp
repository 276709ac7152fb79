// SPDX-License-Identifier: Apache-2.0
#include "gateway/irc/verbs.hpp"

#include <algorithm>
#include <vector>

namespace hamlet::irc {

namespace {

std::vector<verb> joined() {
  std::vector<verb> all;
  for (auto family :
       {registration_verbs(), channel_verbs(), message_verbs(), history_verbs(), user_verbs(),
        query_verbs(), server_verbs(), operator_verbs(), service_verbs()})
    all.insert(all.end(), family.begin(), family.end());
  std::ranges::sort(all, {}, &verb::name);
  return all;
}

} // namespace

std::span<const verb> all_verbs() {
  static const auto table = joined();
  return table;
}

const verb* find_verb(std::string_view upper) {
  auto all = all_verbs();
  auto at = std::ranges::lower_bound(all, upper, {}, &verb::name);
  return at != all.end() && at->name == upper ? &*at : nullptr;
}

} // namespace hamlet::irc
