// SPDX-License-Identifier: Apache-2.0
#include "gateway/irc/throttles.hpp"

#include <algorithm>

namespace hamlet::irc {

namespace {

const config::rate& bound_of(limit what, const config::chat_limits_settings& rules) {
  switch (what) {
  case limit::nick_changes: return rules.nick_changes.value;
  case limit::away_changes: return rules.away_changes.value;
  case limit::invitations: return rules.invitations.value;
  case limit::knocks: return rules.knocks.value;
  case limit::topic_changes: return rules.topic_changes.value;
  case limit::metadata_changes: break;
  }
  return rules.metadata_changes.value;
}

// A bucket of `count` tokens that is full again after `per`.
bool take(const config::rate& bound, throttles::clock::time_point& full_at,
          throttles::clock::time_point now) {
  auto token = std::chrono::duration_cast<throttles::clock::duration>(bound.per) / bound.count;
  auto next = std::max(full_at, now) + token;
  if (next > now + bound.per)
    return false;
  full_at = next;
  return true;
}

constexpr std::size_t most_channels = 1000; ///< that are remembered; more are let go

} // namespace

bool throttles::allow(limit what, const config::chat_limits_settings& rules,
                      clock::time_point now) {
  auto& bound = bound_of(what, rules);
  return bound.is_off() || take(bound, full_at_[static_cast<std::size_t>(what)], now);
}

bool throttles::allow_join(std::string_view folded_channel, const config::rate& bound,
                           clock::time_point now) {
  if (bound.is_off())
    return true;
  std::erase_if(joined_, [&](auto& x) { return x.full_at <= now; });
  auto at = std::ranges::find(joined_, folded_channel, &entered::channel);
  if (at == joined_.end()) {
    if (joined_.size() >= most_channels)
      return false;
    at = joined_.insert(at, {std::string{folded_channel}, now});
  }
  return take(bound, at->full_at, now);
}

bool throttles::allow_stranger(std::string_view folded_nick, const config::rate& bound,
                               clock::time_point now) {
  if (bound.is_off())
    return true;
  std::erase_if(spoken_with_, [&](auto& x) { return now - x.last >= bound.per; });
  auto at = std::ranges::find(spoken_with_, folded_nick, &known::nick);
  if (at != spoken_with_.end())
    at->last = now;
  else if (spoken_with_.size() >= bound.count)
    return false;
  else
    spoken_with_.push_back({std::string{folded_nick}, now});
  return true;
}

} // namespace hamlet::irc
