// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/admin/handlers.hpp"
#include "actors/admin/paging.hpp"

// How the handlers ask the owners of chat.

namespace hamlet::admin {

/// What a refusal of chat means to who administers.
status status_of(chat::v1::Refusal x);

template <class Reply, class Then>
void admin_state::take_reply(const chat::v1::Reply& x, const given<Reply>& done,
                             const Then& then) const {
  if (x.refusal() == chat::v1::NONE)
    return then(x);
  auto text = chat::v1::Refusal_Name(x.refusal());
  done.no(admin::status_of(x.refusal()), x.detail().empty() ? text : text + ": " + x.detail());
}

/// then(reply), whatever it says.
template <class Reply, class Then>
void admin_state::send_chat(const chat_actor& to, chat::v1::Request ask, given<Reply> done,
                            Then then) {
  request<chat::v1::Reply>(self, limits, owner_timeout, to, std::move(ask), std::move(then),
                           [done](const caf::error& why) {
                             done.fail({code_of(why), detail_of(why)});
                           });
}

/// then(reply), unless it is a refusal.
template <class Reply, class Then>
void admin_state::ask_chat(const chat_actor& to, chat::v1::Request ask, given<Reply> done,
                           Then then) {
  send_chat(to, std::move(ask), done,
            [this, done, then](const chat::v1::Reply& reply) { take_reply(reply, done, then); });
}

} // namespace hamlet::admin
