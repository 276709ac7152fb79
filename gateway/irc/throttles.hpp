// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/config/chat_limits_settings.hpp"
#include "lib/irc/fakelag.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hamlet::irc {

/// What others see of a client and what it may therefore not do too often.
enum class limit : std::uint8_t {
  nick_changes,
  away_changes,
  invitations,
  knocks,
  topic_changes,
  metadata_changes,
};
constexpr std::size_t limit_count = 6;

/// The limits of one client; of those that it uses, each its own bucket. Pure.
class throttles {
public:
  using clock = std::chrono::steady_clock;

  bool allow(limit what, const config::chat_limits_settings& rules, clock::time_point now);

  /// A JOIN of a channel again and again; another one has its own bucket.
  bool allow_join(std::string_view folded_channel, const config::rate& bound,
                  clock::time_point now);

  /// A message to somebody with whom this client has not spoken lately: so many different ones in
  /// a time. Those it speaks with already are free.
  bool allow_stranger(std::string_view folded_nick, const config::rate& bound,
                      clock::time_point now);

private:
  struct known {
    std::string nick;
    clock::time_point last;
  };
  struct entered {
    std::string channel;
    clock::time_point full_at;
  };
  std::array<clock::time_point, limit_count> full_at_{};
  std::vector<known> spoken_with_;
  std::vector<entered> joined_;
};

} // namespace hamlet::irc
