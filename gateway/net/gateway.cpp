// SPDX-License-Identifier: Apache-2.0
#include "gateway/net/gateway.hpp"

#include <atomic>

namespace hamlet::net {

namespace {

using gateway_ptr = gateway_actor::stateful_pointer<gateway_state>;

/// Over all gateways of the process.
std::atomic<std::uint64_t> last_number = 0;

void quit_when_empty(gateway_ptr self) {
  if (!self->state.door && self->state.connections.empty())
    self->quit(caf::exit_reason::user_shutdown);
}

} // namespace

gateway_state::~gateway_state() {
  for (auto& x : connections)
    caf::anon_send_exit(x, caf::exit_reason::kill);
}

gateway_actor::behavior_type gateway(gateway_ptr self, listener door, spawn_connection spawn) {
  self->state.door.emplace(std::move(door));
  self->state.door->start([me = caf::actor_cast<gateway_actor>(self)](stream client) {
    caf::anon_send(me, accepted{std::make_shared<stream>(std::move(client))});
  });
  self->set_down_handler([self](const caf::down_msg& msg) {
    self->state.connections.erase(caf::actor_cast<connection_actor>(msg.source));
    quit_when_empty(self);
  });
  self->set_exit_handler([self](const caf::exit_msg& msg) {
    self->state.door.reset();
    for (auto& x : self->state.connections)
      self->send_exit(x, msg.reason);
    quit_when_empty(self);
  });
  return {
    [self, spawn](accepted& x) {
      if (!self->state.door)
        return; // accepted just before the end: the stream hangs up by itself
      auto connection = spawn(self, std::move(*x.client), ++last_number);
      self->monitor(connection);
      self->state.connections.insert(std::move(connection));
    },
    [self](changed& x) {
      if (self->state.door)
        self->state.door->change(x.bounds, std::move(x.proxies));
    },
  };
}

} // namespace hamlet::net
