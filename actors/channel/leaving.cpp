// SPDX-License-Identifier: Apache-2.0
#include "actors/channel/channel_shard.hpp"
#include "actors/failure.hpp"

#include <caf/exit_reason.hpp>

#include <algorithm>
#include <utility>

// The shard goes to another node. What has begun is brought to an end before the next owner begins:
// half of it may be in the store already, and it would be refused there if it were asked again; and
// the next one reads what has been said from the store. What comes meanwhile, or has had to wait,
// is for the next owner: proxies ask again.

using namespace std::chrono_literals;

namespace hamlet {

namespace {

constexpr auto patience = 5s; // for a store that does not answer
constexpr auto look_every = 5ms;

error for_the_next() {
  return {errc::wrong_owner, "the shard goes to another node"};
}

} // namespace

void channel_shard_state::on_exit(const caf::exit_msg& x) {
  if (x.reason != caf::exit_reason::user_shutdown || is_leaving())
    return self->quit(x.reason);
  leaves_until = self->clock().now() + patience;
  for (auto& [folded, r] : rooms)
    for (auto& a : std::exchange(r.waiting, {}))
      give_back(a.to);
  self->send(self, caf::tick_atom_v); // behind what is on its way here
}

channel_shard_state::promise channel_shard_state::give_back(promise to) {
  if (to.pending())
    hamlet::refuse(to, for_the_next());
  return to;
}

void channel_shard_state::look_whether_done() {
  auto has_begun = history->pending() > 0 || std::ranges::any_of(rooms, [](const auto& x) {
                     return x.second.is_busy || x.second.saving > 0;
                   });
  if (has_begun && self->clock().now() < leaves_until)
    self->delayed_send(self, look_every, caf::tick_atom_v);
  else
    self->quit(caf::exit_reason::user_shutdown);
}

} // namespace hamlet
