// SPDX-License-Identifier: Apache-2.0
#include "actors/chat/origin.hpp"
#include "actors/session/session.hpp"
#include "actors/session/user_modes.hpp"
#include "lib/irc/casemap.hpp"

#include <caf/send.hpp>

#include <algorithm>

namespace hamlet {

void session_state::detach(Request& x) {
  if (auto at = starting_.find(x.session_id()); at != starting_.end())
    at->second.is_cancelled = true;
  else if (auto* u = find(x.session_id()))
    detach(*u, x, x.detach().connection_id(), x.detach().reason(), x.detach().was_lost());
  else
    detach_elsewhere(x);
}

/// A client that does not know yet that it takes part in another session of its member.
void session_state::detach_elsewhere(Request& x) {
  for (auto& other : parts->people->of_account(x.who().account_id())) {
    Request gone;
    gone.set_session_id(other->session_id());
    gone.set_now_ms(x.now_ms());
    *gone.mutable_detach() = x.detach();
    caf::anon_send(parts->owners->session_of(other->session_id()), std::move(gone));
  }
}

/// One of its clients is gone. The last: a member may stay, or may come back in time; for everybody
/// else it is the end.
void session_state::detach(user& u, const Request& cause, std::int64_t connection_id,
                           const std::string& reason, bool was_lost, std::function<void()> then) {
  if (std::erase_if(u.clients, [&](auto& x) { return x.connection_id == connection_id; }) == 0)
    return;
  u.clients.shrink_to_fit();
  events all;
  if (u.clients.empty() && !stays(u)) {
    auto grace = rules()->grace;
    if (!was_lost || u.card->account_id() == 0 || grace.count() == 0)
      return end(u, cause, reason, {}, std::move(then));
    u.more().grace_end = self->clock().now() + grace;
    u.more().grace_reason = reason;
    in_grace_.insert(u.card->session_id());
    change(u, [](user_card&) {}); // presence: without a client
    return ask_later();
  }
  change(u, [&](user_card& card) {
    if (u.clients.empty())
      return;
    card.who.set_is_secure(
      std::ranges::all_of(u.clients, [](const user::client& c) { return c.is_secure; }));
    renew_modes(card.who);
  });
  renew_away(u, cause, all);
  publish(std::move(all));
  if (u.clients.empty())
    save(u);
  if (then)
    then();
}

session_state::answered session_state::quit(Request& x, user& u) {
  auto connection = x.origin().connection_id();
  auto is_client =
    std::ranges::find(u.clients, connection, &user::client::connection_id) != u.clients.end();
  // Whoever hears that it has ended may come again, by another node, under the same nick.
  auto promise = self->make_response_promise<Reply>();
  auto confirm = [this, promise] { publish(promise, {}, Reply{}); };
  if (is_client)
    detach(u, x, connection, x.quit().reason(), false, confirm);
  else if (u.clients.empty() || connection == 0) // it wants to end altogether
    end(u, x, x.quit().reason(), {}, confirm);
  else
    confirm();
  return promise;
}

session_state::answered session_state::kill(Request& x, user& u) {
  auto& what = x.kill();
  auto ended = event_of(x, u.card->who());
  ended.add_sessions(u.card->session_id());
  of_no_connection(*ended.mutable_origin());
  ended.mutable_ended()->set_reason(what.reason());
  ended.mutable_ended()->set_is_kill(!what.silent_ghost());
  ended.mutable_ended()->set_by(what.by());
  // RFC 2812 §3.7.1: everybody may know who it was and why.
  auto reason =
    what.silent_ghost() ? what.reason() : "Killed (" + what.by() + " (" + what.reason() + "))";
  events before;
  before.push_back(std::move(ended));
  Reply reply;
  u.card->read(*reply.mutable_who());
  auto promise = self->make_response_promise<Reply>();
  end(u, x, reason, std::move(before), [this, promise, reply] { publish(promise, {}, reply); });
  return promise;
}

// FANOUT hears of it before the nick is anybody else's: nobody sees two of one name.
void session_state::end(user& u, const Request& cause, const std::string& reason, events before,
                        std::function<void()> then) {
  auto id = u.card->session_id();
  auto who = u.card->who();
  auto nick = who.nick();
  auto gone = event_of(cause, who);
  gone.mutable_quit()->set_reason(reason);
  before.push_back(std::move(gone));
  auto offline = event_of(cause, who);
  offline.mutable_offline()->set_nick(nick);
  before.push_back(std::move(offline));
  publish(std::move(before));
  for (auto& channel : u.channels) {
    Request leave;
    leave.set_session_id(id);
    *leave.mutable_who() = who;
    leave.set_channel(channel);
    leave.set_now_ms(now_of(cause));
    leave.mutable_leave()->set_reason(reason);
    caf::anon_send(parts->owners->channel_of(irc::fold(channel)), std::move(leave));
  }
  forget_saved(u);
  auto delayed = u.rare ? std::move(u.rare->delayed) : std::vector<std::function<void()>>{};
  parts->people->remove(id, now_of(cause));
  release(id, nick, {}, std::move(then));
  in_grace_.erase(id);
  unsaved_.erase(id);
  users.erase(id);
  for (auto& next : delayed)
    next();
}

} // namespace hamlet
