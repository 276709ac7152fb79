// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/cluster/view.hpp"

#include <caf/actor_clock.hpp>

#include <atomic>
#include <chrono>

namespace hamlet::cluster {

/// Until when owners of this node may answer from memory: MEMBERSHIP prolongs it with each beat
/// that the store has taken. Asked for each command, on any thread: after a freeze nothing else has
/// had the time to tell.
class read_permit {
public:
  using clock = caf::actor_clock;

  bool holds(clock::time_point now = clock::clock_type::now()) const {
    return std::chrono::floor<instant>(now.time_since_epoch()).count() < until_.load();
  }
  void set(instant until) { until_ = until.count(); }

private:
  std::atomic<instant::rep> until_{0};
};

} // namespace hamlet::cluster
