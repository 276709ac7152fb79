// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/deadlines.hpp"
#include "actors/mail_clients.hpp"
#include "gateway/net/actor_events.hpp"
#include "gateway/net/listener.hpp"
#include "lib/base/clock.hpp"
#include "lib/log/log.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace hamlet::net {

/// The state of the actor around a protocol session: what all protocols have. A protocol derives
/// from it and adds perform(), greet(), and what else its effects need.
/// @tparam Derived Has `perform(Effects)` and `greet(Channel)`.
template <class Derived, class Session, class Effects, class Channel>
struct session_state {
  using channel_type = Channel;

  connection_actor::pointer self = nullptr;
  deadlines limits;
  std::optional<Session> proto;
  std::optional<stream> client;
  std::uint64_t number = 0; ///< of the connection, in all of its lines of the log
  std::string peer;
  mail_clients::place here; ///< as administrators see it

  /// Calls the session and does what it then wants.
  template <class F>
  void with_session(F call) {
    Effects out;
    call(*proto, out);
    static_cast<Derived*>(this)->perform(std::move(out));
    if (!proto->is_waiting()) // else the client waits too, by TCP
      client->read_more();
  }

  void hang_up() {
    client->close();
    self->quit();
  }

  void on_drained() {}
  void on_tick() {}
  void on_closed() {}
};

/// The behavior of such an actor: from the stream to the session. It decides nothing.
/// @param area Of the log, and what administrators see: "smtp", "pop3".
template <class State>
connection_actor::behavior_type serve_session(connection_actor::stateful_pointer<State> self,
                                              stream client, tls_use security, std::uint64_t number,
                                              log::constant area, mail_clients& seen_in) {
  using channel = typename State::channel_type;
  auto& state = self->state;
  state.self = self;
  state.number = number;
  state.peer = client.peer();
  state.client.emplace(std::move(client));
  state.client->start(std::make_unique<actor_events>(caf::actor_cast<connection_actor>(self)));
  log::debug(area, number, "connected", {{"client", state.peer}});
  auto end = [me = caf::actor_cast<caf::weak_actor_ptr>(self)] {
    if (auto still = me.lock())
      caf::anon_send_exit(caf::actor_cast<caf::actor>(still), caf::exit_reason::user_shutdown);
  };
  state.here = seen_in.add(
    {number, std::string{area.text()}, state.peer, {}, false, unix_milliseconds()}, std::move(end));
  // With TLS from the first byte the session begins after the handshake.
  if (security != tls_use::at_once)
    state.greet(channel{});
  self->set_exit_handler([self](const caf::exit_msg&) {
    if (!self->state.proto)
      return self->quit();
    self->state.with_session([](auto& s, auto& out) { s.shut_down(out); });
  });
  return {
    [self](const received& x) {
      self->state.with_session([&](auto& s, auto& out) { s.feed(x.bytes, out); });
    },
    [self](const secured& x) {
      self->state.here.secured();
      channel c{true, {x.facts.tls_exporter, x.facts.tls_server_end_point}};
      if (!self->state.proto)
        return self->state.greet(std::move(c));
      self->state.with_session([&](auto& s, auto& out) { s.on_secured(std::move(c), out); });
    },
    [self](drained) { self->state.on_drained(); },
    [self](idle) {
      if (self->state.proto)
        self->state.with_session([](auto& s, auto& out) { s.time_out(out); });
    },
    [self, area](closed x) {
      log::debug(area, self->state.number, "closed",
                 {{"why", to_string(x.why)}, {"client", self->state.peer}});
      self->state.on_closed();
      self->quit();
    },
    [self](caf::tick_atom) { self->state.on_tick(); },
  };
}

} // namespace hamlet::net
