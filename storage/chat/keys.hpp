// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

/// The names under which the rows of chat lie. Each is text without NUL (PostgreSQL has none).
namespace hamlet::sql {

/// The events of a channel. `incarnation`, a number of id_source, tells it from an earlier channel
/// of that name, whose events its members must not see. A registered channel keeps the target that
/// it had: chat_channel::target. No channel's name has a space.
inline std::string channel_target(std::string_view folded_name, std::int64_t incarnation) {
  return std::string{folded_name}.append(" ").append(std::to_string(incarnation));
}

/// The events between two accounts, whoever speaks; both may be the same.
inline std::string direct_target(std::int64_t one, std::int64_t other) {
  auto [low, high] = std::minmax(one, other);
  return std::to_string(low) + ":" + std::to_string(high);
}

/// The accounts of a direct_target(), the lower first; nullopt: it is the target of a channel.
inline std::optional<std::pair<std::int64_t, std::int64_t>>
direct_parties(std::string_view target) {
  std::pair<std::int64_t, std::int64_t> x;
  auto* end = target.data() + target.size();
  auto low = std::from_chars(target.data(), end, x.first);
  if (low.ec != std::errc{} || low.ptr == end || *low.ptr != ':')
    return std::nullopt;
  auto high = std::from_chars(low.ptr + 1, end, x.second);
  if (high.ec != std::errc{} || high.ptr != end)
    return std::nullopt;
  return x;
}

/// The owner of metadata.
inline std::string account_key(std::int64_t account_id) {
  return "a" + std::to_string(account_id);
}
inline std::string channel_key(std::int64_t channel_id) {
  return "c" + std::to_string(channel_id);
}

} // namespace hamlet::sql
