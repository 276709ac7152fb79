// SPDX-License-Identifier: Apache-2.0
#include "actors/system/shard_group.hpp"

#include <caf/send.hpp>

namespace hamlet {

shard_group_state::~shard_group_state() {
  for (auto& x : shards)
    caf::anon_send_exit(x, caf::exit_reason::kill);
}

caf::behavior shard_group(caf::stateful_actor<shard_group_state>* self,
                          std::vector<caf::actor> shards) {
  self->state.shards = std::move(shards);
  for (auto& x : self->state.shards)
    self->monitor(x);
  self->set_down_handler([self](const caf::down_msg& msg) {
    auto& left = self->state.shards;
    std::erase_if(left, [&](auto& x) { return x == msg.source; });
    if (!self->state.stopping)
      self->quit(msg.reason);
    else if (left.empty())
      self->quit(caf::exit_reason::user_shutdown);
  });
  self->set_exit_handler([self](const caf::exit_msg& msg) {
    self->state.stopping = true;
    for (auto& x : self->state.shards)
      self->send_exit(x, msg.reason);
    if (self->state.shards.empty())
      self->quit(msg.reason);
  });
  return {[](caf::unit_t) {}};
}

} // namespace hamlet
