// SPDX-License-Identifier: Apache-2.0
#include "actors/chat/reach.hpp"

#include <tuple>

namespace hamlet {

packed_ref find_reachable(const presence& people, std::int64_t account_id) {
  packed_ref best;
  auto rank = [](const packed_user& x) {
    return std::tuple{x.away().empty(), x.active_ms()->load(std::memory_order_relaxed)};
  };
  for (auto& x : people.of_account(account_id))
    if (x->clients() != 0 && (!best || rank(*x) > rank(*best)))
      best = x;
  return best;
}

chat::v1::Request notice_to(const packed_user& to, const std::string& server_name,
                            const std::string& text, std::int64_t now_ms) {
  chat::v1::Request x;
  x.set_session_id(to.session_id());
  x.set_now_ms(now_ms);
  x.mutable_receive()->set_is_not_kept(true);
  auto& event = *x.mutable_receive()->mutable_event();
  event.mutable_source()->set_nick(server_name);
  event.set_target(std::string{to.nick()});
  event.mutable_message()->set_kind(chat::v1::NOTICE);
  event.mutable_message()->set_text(text);
  return x;
}

} // namespace hamlet
