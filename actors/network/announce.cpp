// SPDX-License-Identifier: Apache-2.0
#include "actors/chat/presence.hpp"
#include "actors/network/network.hpp"
#include "lib/irc/glob.hpp"

#include <caf/send.hpp>

namespace hamlet {

namespace {

constexpr int sessions_at_once = 1000; // in one event

/// "$$*.example.org", "$#*.net" -> the mask.
std::string_view without_marks(std::string_view text, char second) {
  if (text.starts_with('$'))
    text.remove_prefix(1);
  if (text.starts_with(second))
    text.remove_prefix(1);
  return text;
}

} // namespace

void network_state::publish(chat::v1::Event event) {
  if (event.id() == 0)
    event.set_id(parts->next_id());
  if (event.time_ms() == 0)
    event.set_time_ms(parts->now_ms());
  chat::v1::Publish msg;
  *msg.add_events() = std::move(event);
  caf::anon_send(parts->fanout(), std::move(msg));
}

void network_state::tell_operators(std::string text) {
  chat::v1::Event event;
  event.mutable_source()->set_nick(parts->settings->get()->server_name);
  event.set_to_operators("s");
  event.mutable_server_notice()->set_text(std::move(text));
  publish(std::move(event));
}

/// WALLOPS (RFC 2812 §4.7), notices to operators, and messages to "$$server" and "$#host" masks
/// (RFC 2812 §3.3.1), which all whom the masks fit get as if they were written to each.
void network_state::announce(const question& msg) {
  auto& asked = msg.announce();
  if (msg.session_id() != 0 && !msg.who().is_operator())
    return;
  auto event = asked.event();
  if (asked.server_mask().empty() && asked.host_mask().empty()) {
    if (event.to_operators().empty() && event.sessions_size() == 0)
      event.set_to_operators(event.has_wallops() ? "w" : "s"); // else it would be for nobody
    return publish(std::move(event));
  }
  irc::glob server{asked.server_mask().empty() ? "*" : without_marks(asked.server_mask(), '$')};
  irc::glob host{asked.host_mask().empty() ? "*" : without_marks(asked.host_mask(), '#')};
  if (!server.matches(parts->settings->get()->server_name))
    return;
  event.clear_sessions();
  event.set_id(event.id() != 0 ? event.id() : parts->next_id());
  parts->people->each_user([&](const user_ref& user) {
    if (host.matches(user->who.host()) || host.matches(user->who.address()))
      event.add_sessions(user->who.session_id());
    if (event.sessions_size() == sessions_at_once) {
      publish(event);
      event.clear_sessions();
    }
    return true;
  });
  if (event.sessions_size() != 0)
    publish(std::move(event));
}

} // namespace hamlet
