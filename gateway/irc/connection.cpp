// SPDX-License-Identifier: Apache-2.0
#include "gateway/irc/connection.hpp"

#include "gateway/auth/account_question.hpp"
#include "gateway/auth/ask.hpp"
#include "lib/base/overload.hpp"
#include "lib/crypto/random.hpp"
#include "lib/log/log.hpp"
#include "lib/metrics/metrics.hpp"

using namespace std::chrono_literals;

namespace hamlet::irc {

namespace {

constexpr auto answer_timeout = 15s; // every request has one
constexpr std::size_t nonce_size = 24;
constexpr auto last_words = 500ms; // when the node stops: a chat owes its clients no more

metrics::counter connections{"hamlet_irc_connections_total", "Chat clients that came."};
metrics::gauge open_now{"hamlet_irc_connections", "Chat clients that are here."};

std::string_view quit_reason(net::close_reason why) {
  switch (why) {
  case net::close_reason::by_us: return "Closed";
  case net::close_reason::by_peer: return "Connection closed";
  case net::close_reason::idle: return "Ping timeout";
  case net::close_reason::too_long: return "Connection is too old";
  case net::close_reason::write_queue_full: return "SendQ exceeded";
  case net::close_reason::tls_failed: return "TLS failed";
  }
  return "Connection closed";
}

} // namespace

moment now() {
  auto wall = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::steady_clock::now(),
          std::chrono::duration_cast<std::chrono::milliseconds>(wall).count()};
}

// -- begin and end --------------------------------------------------------------------------------

connection_state::~connection_state() {
  if (id == 0)
    return;
  open_now.add(-1);
  parts->people->connection_closed(is_registered);
}

void connection_state::meet() {
  if (!parts->web)
    return open_session(client->peer(), framing::lines);
  web = std::make_unique<websocket::line_stream>(parts->web, client->address());
  set_timer(now().at + parts->rules->settings.chat_limits.registration_timeout.value);
  client->read_more();
}

void connection_state::open_session(const std::string& address, framing how, bool is_told) {
  wire = how;
  origin from;
  from.connection_id = id;
  from.address = address;
  from.wire = wire;
  from.is_told = is_told;
  from.is_exempt = any_contains(parts->rules->settings.chat_limits.exempt.value, address);
  proto.emplace(parts->rules, std::move(from), facts, crypto::random_text(nonce_size));
  with_session([](session& s, effects& out) { s.open(now(), out); });
}

void connection_state::closed(net::close_reason why) {
  log::debug("irc", number, "closed", {{"why", to_string(why)}, {"client", client->peer()}});
  anon_send(parts->fanout, left_fanout{id});
  if (proto) {
    effects out;
    proto->on_closed(quit_reason(why), out);
    perform(std::move(out));
  }
  self->quit();
}

// -- what the client sends ------------------------------------------------------------------------

void connection_state::take(std::string bytes) {
  if (!web)
    return with_session([&](session& s, effects& out) { s.feed(bytes, now(), out); });
  auto got = web->feed(bytes);
  if (!got.reply.empty())
    client->write(std::move(got.reply));
  if (got.opened) {
    facts.is_tls = facts.is_tls || got.opened->encrypted_by_proxy;
    open_session(got.opened->client.text(),
                 web->how() == websocket::kind::text ? framing::ws_text : framing::ws_binary,
                 got.opened->client != client->address());
  }
  if (proto && !got.lines.empty())
    with_session([&](session& s, effects& out) { s.feed(got.lines, now(), out); });
  if (got.ended) {
    if (!got.why.empty())
      log::info("irc", number, "no WebSocket", {{"why", got.why}, {"client", client->peer()}});
    return hang_up();
  }
  read_more();
}

/// Without it the client waits, too, by TCP.
void connection_state::read_more() {
  if (client && !awaits_drained && !(proto && proto->is_waiting()))
    client->read_more();
}

// -- what the client is told ----------------------------------------------------------------------

/// A list of all channels may be longer than what may wait in the stream: of long replies the rest
/// stays here until the client has read the beginning. Lines of others go between.
void connection_state::say(std::string bytes) {
  if (awaits_drained)
    return backlog.push_back(std::move(bytes));
  unread += bytes.size();
  client->write(std::move(bytes));
  if (unread < parts->rules->settings.chat_limits.send_queue.value / 4)
    return;
  awaits_drained = true;
  client->ask_drained();
}

void connection_state::drained() {
  awaits_drained = false;
  unread = 0;
  for (auto& x : std::exchange(backlog, {}))
    say(std::move(x));
  if (!awaits_drained && std::exchange(awaits_room, false))
    return with_session([](session& s, effects& out) { s.on_room(now(), out); });
  read_more();
}

/// Who does not read is not waited for: what does not fit is lost.
void connection_state::hang_up() {
  for (auto& x : std::exchange(backlog, {}))
    client->write(std::move(x));
  client->close();
}

void connection_state::on_time() {
  if (!timers.empty()) // this one
    timers.erase(std::ranges::min_element(timers));
  if (proto)
    return with_session([](session& s, effects& out) { s.on_time(now(), out); });
  log::info("irc", number, "no WebSocket in time", {{"client", client->peer()}});
  client->write("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n");
  client->close();
}

// -- effects --------------------------------------------------------------------------------------

void connection_state::perform(effects todo) {
  for (auto& wanted : todo)
    std::visit(overload{
                 [&](write& x) { say(std::move(x.bytes)); },
                 [&](ask& x) { ask_owner(x); },
                 [&](irc::tell& x) {
                   if (x.what.has_detach() && x.what.session_id() == 0) // it is about to begin
                     x.what.set_session_id(starting);
                   name_causes(x.what);
                   caf::anon_send(owner_of(x.of, x.what), std::move(x.what));
                 },
                 [&](ask_auth& x) { ask_login(x); },
                 [&](ask_account& x) { ask_about_account(x.what); },
                 [&](subscribe& x) {
                   if (!std::exchange(is_registered, true))
                     parts->people->connection_registered();
                   anon_send(parts->fanout,
                             joined_fanout{id, x.session_id, x.caps, wire, std::move(x.who),
                                           client->outlet(), self});
                 },
                 [&](watch& x) {
                   anon_send(parts->fanout, watch_changed{id, std::move(x)});
                 },
                 [&](wake& x) { set_timer(x.when); },
                 [&](await_room&) {
                   awaits_room = true;
                   if (!std::exchange(awaits_drained, true))
                     client->ask_drained();
                 },
                 [&](control& x) {
                   log::warning("irc", number, "ordered by an operator", {{"by", x.by}});
                   if (parts->obey)
                     parts->obey(x);
                 },
                 [&](irc::hang_up&) {
                   if (web)
                     say(web->goodbye(node_stops ? websocket::close_code::going_away
                                                 : websocket::close_code::normal));
                   hang_up();
                 },
               },
               wanted);
}

chat_actor connection_state::owner_of(ask::owner which, const chat::v1::Request& what) const {
  return which == ask::owner::network ? parts->owners.network()
                                      : parts->owners.session_of(what.session_id());
}

/// Nobody sees what comes of it before what this client has been answered.
void connection_state::name_causes(chat::v1::Request& what) {
  if (!seen.empty())
    seen.put(*what.mutable_origin(), self->clock().now());
}

void connection_state::ask_owner(ask& x) {
  if (x.what.session_id() == 0 && x.what.has_start_session())
    x.what.set_session_id(starting = parts->ids->next());
  name_causes(x.what);
  auto answered = [this](const chat::v1::Reply& r) {
    if (r.has_stamp())
      seen.learn(r.stamp(), self->clock().now());
    with_session([&](session& s, effects& out) { s.on_reply(r, now(), out); });
  };
  request<chat::v1::Reply>(self, limits, answer_timeout, owner_of(x.of, x.what), std::move(x.what),
                           answered, [answered](const caf::error&) {
                             chat::v1::Reply failed;
                             failed.set_refusal(chat::v1::FAILED);
                             answered(failed);
                           });
}

void connection_state::ask_login(const ask_auth& x) {
  auth::ask(self, limits, parts->owners, x.what, {account::v1::IRC, x.client},
            [this, name = auth::name_in(x.what), address = x.client](const auth::answer& a) {
              if (a.result != auth::verdict::right && a.salt.bytes.empty())
                log::warning("irc", number, "login refused", {{"name", name}, {"client", address}});
              with_session([&](session& s, effects& out) { s.on_auth(a, now(), out); });
            });
}

void connection_state::ask_about_account(account_request& what) {
  auth::ask_account<account_reply>(
    self, limits, parts->owners, what, [this](const account_reply& r) {
      with_session([&](session& s, effects& out) { s.on_account(r, now(), out); });
    });
}

/// A timer that is set already will do if it comes first: then it is asked again. So there are two
/// or three of them at most, whatever a fast client has to wait for.
void connection_state::set_timer(std::chrono::steady_clock::time_point when) {
  if (std::ranges::any_of(timers, [&](auto x) { return x <= when; }))
    return;
  timers.push_back(when);
  auto wait =
    std::max(when - std::chrono::steady_clock::now(), std::chrono::steady_clock::duration{0});
  self->delayed_send(self, std::chrono::ceil<std::chrono::milliseconds>(wait), caf::tick_atom_v);
}

// -- the actor ------------------------------------------------------------------------------------

connection_actor::behavior_type
connection(connection_actor::stateful_pointer<connection_state> self, net::stream client,
           std::shared_ptr<const connection_parts> parts, std::uint64_t number) {
  connections.add();
  open_now.add(1);
  parts->people->connection_opened();
  auto& state = self->state;
  state.self = self;
  state.parts = std::move(parts);
  state.number = number;
  state.id = state.parts->ids->next();
  state.client.emplace(std::move(client));
  state.client->start(
    std::make_unique<net::actor_events>(caf::actor_cast<net::connection_actor>(self)));
  log::debug("irc", number, "connected", {{"client", state.client->peer()}});
  // With TLS from the first byte the session begins after the handshake.
  if (state.parts->security != net::tls_use::at_once)
    state.meet();
  self->set_exit_handler([self](const caf::exit_msg&) {
    if (!self->state.proto)
      return self->quit();
    self->state.node_stops = true;
    self->state.with_session([](session& s, effects& out) { s.shut_down(out); });
    self->state.client->close(last_words); // also of a client that was hung up on before
  });
  return {
    [self](net::received& x) { self->state.take(std::move(x.bytes)); },
    [self](net::secured& x) {
      self->state.facts = {true,
                           {x.facts.tls_exporter, x.facts.tls_server_end_point},
                           x.facts.peer_fingerprint,
                           x.facts.server_name};
      self->state.meet();
    },
    [self](net::drained) { self->state.drained(); },
    [self](net::idle) { self->state.client->close(); },
    [self](net::closed x) { self->state.closed(x.why); },
    [self](caf::tick_atom) { self->state.on_time(); },
    [self](const note& x) {
      if (self->state.proto)
        self->state.with_session([&](session& s, effects& out) { s.on_note(x, now(), out); });
    },
  };
}

} // namespace hamlet::irc
