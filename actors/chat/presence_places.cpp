// SPDX-License-Identifier: Apache-2.0
#include "actors/chat/presence_state.hpp"

namespace hamlet {

using presence_parts::hash_of;
using presence_parts::place;

// -- channels -------------------------------------------------------------------------------------

void presence::put(channel_ref channel) {
  learn(channel);
  if (listener_ != nullptr)
    listener_->channel_put(channel);
}

void presence::remove_channel(std::string_view name) {
  forget_channel(name);
  if (listener_ != nullptr)
    listener_->channel_removed(name);
}

void presence::learn(channel_ref channel) {
  auto key = irc::fold(channel->name);
  auto& [mutex, table] = state_->channels.of(std::hash<std::string>{}(key));
  std::unique_lock lock{mutex};
  if (!std::exchange(table[std::move(key)], std::move(channel)))
    ++state_->channel_count;
}

void presence::forget_channel(std::string_view name) {
  auto key = irc::fold(name);
  auto& [mutex, table] = state_->channels.of(std::hash<std::string>{}(key));
  std::unique_lock lock{mutex};
  state_->channel_count -= table.erase(key);
}

channel_ref presence::find_channel(std::string_view name) const {
  auto key = irc::fold(name);
  auto& [mutex, table] = state_->channels.of(std::hash<std::string>{}(key));
  std::shared_lock lock{mutex};
  auto at = table.find(key);
  return at == table.end() ? nullptr : at->second;
}

void presence::each_channel(const std::function<bool(const channel_ref&)>& f) const {
  for (auto& part : state_->channels)
    for (auto& x : presence_parts::listed(part))
      if (!f(x))
        return;
}

void presence::each_channel(std::size_t slice,
                            const std::function<void(const channel_ref&)>& f) const {
  for (auto& x : presence_parts::listed(state_->channels.at(slice)))
    f(x);
}

// -- who is where ---------------------------------------------------------------------------------

void presence::set_member(std::int64_t session_id, membership where) {
  place fresh{state_->share_name(where.channel), {}, where.is_hidden};
  std::ranges::copy_n(
    where.prefixes.begin(),
    static_cast<std::ptrdiff_t>(std::min(where.prefixes.size(), fresh.prefixes.size())),
    fresh.prefixes.begin());
  auto& [mutex, table] = state_->places.of(hash_of(session_id));
  std::unique_lock lock{mutex};
  auto& all = table[session_id];
  auto at = std::ranges::find(all, fresh.channel, &place::channel);
  if (at != all.end())
    *at = std::move(fresh);
  else
    all.push_back(std::move(fresh));
}

void presence::remove_member(std::int64_t session_id, std::string_view channel) {
  std::shared_ptr<const std::string> name;
  {
    auto& [mutex, table] = state_->places.of(hash_of(session_id));
    std::unique_lock lock{mutex};
    auto at = table.find(session_id);
    if (at == table.end())
      return;
    auto& all = at->second;
    auto found = std::ranges::find_if(
      all, [&](const place& x) { return irc::same_name(*x.channel, channel); });
    if (found == all.end())
      return;
    name = std::move(found->channel);
    all.erase(found);
    if (all.empty())
      table.erase(at);
  }
  state_->unshare_name(std::move(name));
}

std::vector<membership> presence::channels_of(std::int64_t session_id) const {
  std::vector<membership> found;
  for (auto& x : state_->places_of(session_id))
    found.push_back(x.view());
  return found;
}

bool presence::is_member(std::int64_t session_id, std::string_view channel) const {
  auto& [mutex, table] = state_->places.of(hash_of(session_id));
  std::shared_lock lock{mutex};
  auto at = table.find(session_id);
  return at != table.end() && std::ranges::any_of(at->second, [&](const place& x) {
           return irc::same_name(*x.channel, channel);
         });
}

bool presence::share_channel(std::int64_t one, std::int64_t other) const {
  auto mine = state_->places_of(one);
  auto& [mutex, table] = state_->places.of(hash_of(other));
  std::shared_lock lock{mutex};
  auto at = table.find(other);
  return at != table.end() && std::ranges::any_of(at->second, [&](const place& x) {
           return std::ranges::find(mine, x.channel, &place::channel) != mine.end();
         });
}

} // namespace hamlet
