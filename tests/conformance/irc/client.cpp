// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/irc/client.hpp"

#include "gateway/auth/account_question.hpp"
#include "gateway/auth/ask.hpp"
#include "lib/base/overload.hpp"

namespace hamlet::irc {

namespace {

constexpr auto patience = std::chrono::seconds{86'400};
constexpr auto address = "127.0.0.1";

} // namespace

moment client_state::now() {
  static std::int64_t ticks = 0; // of all clients: what is later has a later time
  auto at = std::chrono::milliseconds{++ticks};
  return {std::chrono::steady_clock::time_point{std::chrono::hours{1}} + at,
          1'795'305'600'000 + ticks};
}

void client_state::perform(effects todo) {
  auto& page = parts->book->of[id];
  for (auto& wanted : todo)
    std::visit(
      overload{
        [&](write& x) { page.heard += x.bytes; },
        [&](ask& x) { ask_owner(x); },
        [&](irc::tell& x) {
          auto owner = x.of == ask::owner::network ? parts->owners->network()
                                                   : parts->owners->session_of(x.what.session_id());
          caf::anon_send(owner, std::move(x.what));
        },
        [&](ask_auth& x) {
          auth::ask(self, limits, *parts->owners, x.what, {account::v1::IRC, address},
                    [this](const auth::answer& a) {
                      with_session([&](session& s, effects& out) { s.on_auth(a, now(), out); });
                    });
        },
        [&](ask_account& x) {
          auth::ask_account<account_reply>(
            self, limits, *parts->owners, x.what, [this](const account_reply& r) {
              with_session([&](session& s, effects& out) { s.on_account(r, now(), out); });
            });
        },
        [&](subscribe& x) {
          if (!std::exchange(is_registered, true))
            parts->people->connection_registered();
          caf::anon_send(parts->fanout, joined_fanout{id,
                                                      x.session_id,
                                                      x.caps,
                                                      page.wire,
                                                      x.who,
                                                      {},
                                                      caf::actor_cast<connection_actor>(self)});
        },
        [&](watch& x) {
          caf::anon_send(parts->fanout, watch_changed{id, std::move(x)});
        },
        [&](wake&) {},
        [&](await_room&) { caf::anon_send(self, net::drained{}); },
        [&](control&) {},
        [&](irc::hang_up&) {
          page.is_closed = true;
          caf::anon_send(parts->fanout, left_fanout{id});
        },
      },
      wanted);
}

void client_state::ask_owner(ask& x) {
  if (x.what.session_id() == 0 && x.what.has_start_session())
    x.what.set_session_id(parts->ids->next());
  auto owner = x.of == ask::owner::network ? parts->owners->network()
                                           : parts->owners->session_of(x.what.session_id());
  auto answered = [this](const chat::v1::Reply& r) {
    with_session([&](session& s, effects& out) { s.on_reply(r, now(), out); });
  };
  request<chat::v1::Reply>(self, limits, patience, owner, std::move(x.what), answered,
                           [answered](const caf::error&) {
                             chat::v1::Reply failed;
                             failed.set_refusal(chat::v1::FAILED);
                             answered(failed);
                           });
}

connection_actor::behavior_type client(connection_actor::stateful_pointer<client_state> self,
                                       client_parts parts, origin from, channel facts) {
  auto& state = self->state;
  state.self = self;
  state.id = from.connection_id;
  parts.people->connection_opened();
  parts.book->of[state.id].wire = from.wire;
  state.parts = std::move(parts);
  state.proto.emplace(state.parts->rules, std::move(from), std::move(facts), "nonce");
  state.with_session([&](session& s, effects& out) { s.open(state.now(), out); });
  return {
    [&state](const net::received& x) {
      state.with_session([&](session& s, effects& out) { s.feed(x.bytes, state.now(), out); });
    },
    [](const net::secured&) {},
    [&state](net::drained) {
      state.with_session([&](session& s, effects& out) { s.on_room(state.now(), out); });
    },
    [](net::idle) {},
    [&state](net::closed) {
      caf::anon_send(state.parts->fanout, left_fanout{state.id});
      state.with_session([](session& s, effects& out) { s.on_closed("Connection closed", out); });
      state.parts->people->connection_closed(state.is_registered);
    },
    [](caf::tick_atom) {},
    [&state](const note& x) {
      state.with_session([&](session& s, effects& out) { s.on_note(x, state.now(), out); });
    },
  };
}

} // namespace hamlet::irc
