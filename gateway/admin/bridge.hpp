// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/interfaces.hpp"

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>

#include <functional>

namespace hamlet::admin {

/// The way from threads that are no actors to the ADMIN: asks in their name, with a time-out.
/// @return An actor for ask_over(); it ends by an exit message.
caf::actor spawn_bridge(caf::actor_system& sys, admin_actor to);

/// Any thread; does not wait. `done` is called once, also when the bridge is gone: UNAVAILABLE.
void ask_over(const caf::actor& bridge, v1::Call msg, std::function<void(v1::Answer)> done);

} // namespace hamlet::admin
