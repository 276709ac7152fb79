// SPDX-License-Identifier: Apache-2.0
#include "actors/admin/chat_handlers.hpp"
#include "actors/chat/presence.hpp"

#include <algorithm>

namespace hamlet::admin {

namespace {

constexpr std::size_t longest_reason = 300;

void write(const packed_user& user, const presence& people, v1::Session& into) {
  auto who = user.who();
  into.set_session_id(who.session_id());
  into.set_nick(who.nick());
  into.set_user(who.user());
  into.set_host(who.host());
  into.set_address(who.address());
  into.set_account(who.account());
  into.set_is_operator(who.is_operator());
  into.set_is_away(who.is_away());
  into.set_is_secure(who.is_secure());
  into.set_clients(static_cast<std::int32_t>(user.clients()));
  into.set_signon_ms(user.signon_ms());
  into.set_active_ms(user.active_ms() ? user.active_ms()->load() : 0);
  for (auto& x : people.channels_of(who.session_id()))
    into.add_channels(x.channel);
}

} // namespace

/// By their numbers: who comes while somebody turns pages is on the last one.
void admin_state::list_sessions(const v1::ListSessionsRequest& x,
                                given<v1::ListSessionsResponse> done) {
  auto after = number_of_page(x.page_token());
  if (!after)
    return done.bad("page_token", "is none of ours");
  std::vector<std::int64_t> all;
  parts->people->each_user([&](const user_ref& user) {
    auto id = user->who.session_id();
    if (id > *after && (x.account().empty() || user->who.account() == x.account()))
      all.push_back(id);
    return true;
  });
  auto size = std::min(page_size_of(x), all.size());
  std::ranges::partial_sort(all, all.begin() + static_cast<std::ptrdiff_t>(size));
  v1::ListSessionsResponse reply;
  for (auto id : std::span{all}.first(size))
    if (auto user = parts->people->find_packed(id)) // else it has just gone
      write(*user, *parts->people, *reply.add_sessions());
  if (size < all.size())
    reply.set_next_page_token(std::to_string(all[size - 1]));
  done(reply);
}

void admin_state::disconnect(const v1::DisconnectRequest& x, given<v1::Session> done) {
  auto is_control = [](unsigned char c) { return c < ' ' || c == 0x7F; };
  if (x.reason().size() > longest_reason || std::ranges::any_of(x.reason(), is_control))
    return done.bad("reason", "is one line of at most 300 octets");
  auto user = parts->people->find_packed(x.session_id());
  if (!user)
    return done.no(status::not_found, "there is no such session on this node");
  v1::Session gone;
  write(*user, *parts->people, gone);
  if (x.validate_only())
    return done(gone);
  auto ask = chat_request();
  ask.set_session_id(x.session_id());
  ask.clear_who();
  ask.mutable_kill()->set_reason(x.reason().empty() ? "Disconnected" : x.reason());
  ask.mutable_kill()->set_by(asker_.name);
  ask_chat(parts->owners->session_of(x.session_id()), std::move(ask), done,
           [done, gone](const chat::v1::Reply&) { done(gone); });
}

} // namespace hamlet::admin
