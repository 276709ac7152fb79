// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/deadlines.hpp"
#include "actors/failure.hpp"

#include <caf/actor_cast.hpp>
#include <caf/event_based_actor.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <utility>

namespace hamlet::cluster {

constexpr std::chrono::seconds longest_wait{60}; ///< of anybody, for an owner

/// What a stand-in does next, as itself.
using stand_in_job = std::function<void(caf::event_based_actor*, deadlines&)>;

/// Asks in the place of one client, for owners that look at who it is that asks: the lock that it
/// gets ends with it. Whoever has spawned it ends it.
caf::actor spawn_stand_in(caf::local_actor* parent);
void give(const caf::actor& stand_in, stand_in_job job);

/// Asks an owner as `self`; `then(result<Verb::reply>)` is part of that actor.
template <class Verb, class Self, class Then>
void ask_owner(Self* self, deadlines& limits, std::chrono::seconds limit, const caf::actor& owner,
               typename Verb::request msg, Then then) {
  using said = typename Verb::reply;
  auto next = std::make_shared<Then>(std::move(then)); // one of the two uses it
  request<said>(
    self, limits, limit, caf::actor_cast<typename Verb::interface>(owner), std::move(msg),
    [next](said& x) { (*next)(result<said>{std::move(x)}); },
    [next](const caf::error& why) { (*next)(result<said>{fail(code_of(why))}); });
}

} // namespace hamlet::cluster
