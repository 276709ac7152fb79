// SPDX-License-Identifier: Apache-2.0
#include "actors/nick/nick_table.hpp"

#include "lib/irc/casemap.hpp"

#include <algorithm>

namespace hamlet {

namespace {

bool look_alike(std::string_view a, std::string_view b) {
  return std::ranges::any_of(nick_keys(a), [keys = nick_keys(b)](const std::string& key) {
    return std::ranges::find(keys, key) != keys.end();
  });
}

} // namespace

std::vector<std::string> nick_keys(std::string_view nick) {
  std::vector<std::string> keys{irc::confusable_key(nick)};
  if (irc::needs_key_alone(nick))
    if (auto key = irc::confusable_key(irc::fold(nick)); key != keys[0])
      keys.push_back(std::move(key));
  return keys;
}

nick_table::rival nick_table::find_rival(std::string_view nick, std::int64_t session_id) const {
  auto folded = irc::fold(nick);
  if (auto at = holders_.find(folded); at != holders_.end() && at->second != session_id)
    return {at->second, std::string{nick}, true};
  auto conflicts = [&](const std::string& other, std::int64_t whose) {
    return whose != session_id && other != folded && look_alike(nick, other);
  };
  for (auto& other : others_) {
    auto whose = holder(other);
    if (conflicts(other, whose))
      return {whose, other, false};
  }
  if (irc::needs_key_alone(nick))
    for (auto& [other, whose] : holders_)
      if (conflicts(other, whose))
        return {whose, other, false};
  return {};
}

std::int64_t nick_table::holder(std::string_view nick) const {
  auto at = holders_.find(irc::fold(nick));
  return at == holders_.end() ? 0 : at->second;
}

void nick_table::take(std::string_view nick, std::int64_t session_id) {
  auto folded = irc::fold(nick);
  std::erase_if(others_, [&](const std::string& x) { return irc::fold(x) == folded; });
  if (irc::needs_key_alone(nick))
    others_.emplace_back(nick);
  holders_[std::move(folded)] = session_id;
}

void nick_table::release(std::string_view nick, std::int64_t session_id) {
  auto folded = irc::fold(nick);
  auto at = holders_.find(folded);
  if (at == holders_.end() || at->second != session_id)
    return;
  std::erase_if(others_, [&](const std::string& x) { return irc::fold(x) == folded; });
  holders_.erase(at);
}

} // namespace hamlet
