// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "hamlet/chat/v1/event.pb.h"

#include <chrono>
#include <cstdint>
#include <vector>

namespace hamlet::irc {

/// Behind which news of each node the latest answers to a client stood. What it asks next names
/// them, and is seen by nobody, at any node, before those. Empty where there is one node.
class causes {
public:
  using instant = std::chrono::steady_clock::time_point;

  /// How long it takes, and far more, until news are everywhere.
  static constexpr std::chrono::seconds kept{10};
  /// Of more nodes than these the one that was heard of first is forgotten.
  static constexpr std::size_t at_most = 16;

  void learn(const chat::v1::Stamp& x, instant now);
  void put(chat::v1::Origin& into, instant now);
  bool empty() const { return known_.empty(); }

private:
  struct cause {
    std::int64_t incarnation;
    std::uint64_t number;
    instant when;
  };
  std::vector<cause> known_; ///< the latest is the last
};

} // namespace hamlet::irc
