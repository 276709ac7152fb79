// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/chat/presence.hpp"
#include "actors/deadlines.hpp"
#include "actors/router.hpp"
#include "lib/base/live.hpp"

#include <caf/actor_clock.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <unordered_map>

namespace hamlet {

/// What the administrator decides about notices of mail.
struct herald_rules {
  bool is_on = true;
  std::string server_name;     ///< who says it
  std::chrono::seconds gap{5}; ///< between two notices to one member
};

/// What a HERALD works with; what is behind it must outlive the actor.
struct herald_parts {
  const router* owners; ///< set before the first mail comes
  const presence* people;
  const live<herald_rules>* rules;
};

struct herald_state {
  static inline const char* name = "herald";
  using clock = caf::actor_clock;

  herald_actor::pointer self = nullptr;
  deadlines limits;
  std::optional<herald_parts> parts;

  /// Who has had a notice a short while ago, and what has come since. Only those who are in chat:
  /// so there are no more than these.
  struct told {
    clock::time_point until; ///< then the next one may come
    mail::v1::Arrived since;
  };
  std::unordered_map<std::int64_t, told> recent;

  void arrived(const mail::v1::Arrived& x);
  void tick();

private:
  void announce(const mail::v1::Arrived& x);
  void read(const mail::v1::Arrived& x);
  void tell(std::int64_t account_id, const std::string& text);
  void wake_later();

  bool will_tick_ = false;
};

/// The HERALD of a node.
herald_actor::behavior_type herald(herald_actor::stateful_pointer<herald_state> self,
                                   herald_parts parts);

} // namespace hamlet
