// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace hamlet::irc {

/// How dear a command is. Clients may send a burst and then go on slowly (RFC 1459 §8.10, RFC 2813
/// §5.8); what makes the server work or write a lot costs more.
enum class command_cost : std::uint8_t {
  free = 0,   ///< PING, PONG, QUIT, what belongs to a batch that is paid at its end
  usual = 1,  ///< PRIVMSG, MODE, one channel of a JOIN …
  dear = 2,   ///< NICK, AWAY, INVITE, KNOCK, WHOIS, CHATHISTORY
  dearest = 5 ///< WHO and LIST and NAMES of all, STATS, LINKS, REGISTER
};
/// By command in upper case; what it does not know is `usual`.
command_cost cost_of(std::string_view command);

/// A bucket of tokens: `burst` at once, then `rate` in each `window`. Pure: the caller says what
/// time it is, and it must not run backwards (if it does, nothing is refilled).
class fakelag {
public:
  using clock = std::chrono::steady_clock;

  struct settings {
    std::uint32_t burst = 10;
    std::uint32_t rate = 2;
    std::chrono::milliseconds window{1000};
  };

  fakelag(settings x, clock::time_point now);

  /// nullopt: go on, it is paid. Otherwise nothing is paid: ask again after that long. What costs
  /// more than the burst waits for a full bucket and empties it.
  std::optional<clock::duration> allow(clock::time_point now, std::uint32_t cost = 1);
  std::optional<clock::duration> allow(clock::time_point now, command_cost cost) {
    return allow(now, static_cast<std::uint32_t>(cost));
  }

  /// What a command turned out to cost beyond its price: taken without asking, so the next ones wait
  /// for it. Never for more than `most_owed` tokens, so that a client is not silent for long.
  void charge(clock::time_point now, std::size_t tokens);
  static constexpr std::size_t most_owed = 20;

private:
  clock::duration per_token() const;

  settings settings_;
  /// When the bucket will be full, were nothing else taken: it is all that has to be kept.
  clock::time_point full_at_;
};

} // namespace hamlet::irc
