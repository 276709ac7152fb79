// SPDX-License-Identifier: Apache-2.0
#include "gateway/irc/fanout.hpp"

#include "gateway/irc/fanout_core.hpp"

#include <caf/send.hpp>

namespace hamlet::irc {

local_fanout_actor::behavior_type fanout(local_fanout_actor::stateful_pointer<fanout_state> self,
                                         std::shared_ptr<const policy> rules,
                                         std::shared_ptr<postman> out) {
  self->state.core = std::make_shared<fanout_core>(
    std::move(rules), std::move(out),
    [](const connection_actor& owner, note x) { caf::anon_send(owner, std::move(x)); });
  auto* core = self->state.core.get();
  return {
    [core](chat::v1::Publish& x) {
      for (auto& e : x.events())
        core->publish(e);
      core->flush();
      return std::move(*x.mutable_reply());
    },
    [core](const joined_fanout& x) { core->join(x); },
    [core](const left_fanout& x) { core->leave(x.connection_id); },
    [core](const watch_changed& x) { core->change_watch(x); },
    [core](const policy_changed& x) { core->change_policy(x.rules); },
  };
}

} // namespace hamlet::irc
