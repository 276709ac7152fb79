// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/chat/presence.hpp"
#include "actors/cluster/proxy_core.hpp"
#include "actors/interfaces.hpp"
#include "lib/base/result.hpp"

#include <caf/actor_system.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

namespace hamlet {

/// What recover() works with.
struct recovery_parts {
  std::shared_ptr<cluster::proxy_parts> nodes;
  relay_actor relay; ///< of this node
  const presence* people = nullptr;
  std::chrono::milliseconds patience{15'000};
};

/// Learns from all living nodes what a NICK or CHANNEL shard without an owner knew: nicks[] with
/// one session each, channels[] with all of their members (`who` as presence has it; maybe none). A
/// node that dies meanwhile is left out. Ends by itself.
/// @param done Called once, on any thread. errc::timed_out: a living node has not answered in time;
/// errc::shutting_down: this node is in no cluster at the moment.
void recover(caf::actor_system& sys, recovery_parts parts, cluster::shard_kind kind,
             std::int32_t number, std::function<void(result<chat::v1::Reported>)> done);

/// What all reports together say. Of a nick that two hold the session with the lower id keeps it;
/// of a channel the latest state counts, and every member that somebody has reported and `people`
/// knows.
chat::v1::Reported merged(std::vector<chat::v1::Reported> all, const presence& people);

} // namespace hamlet
