// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/deadlines.hpp"
#include "actors/failure.hpp"
#include "actors/router.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <variant>

// What a session asks the ACCOUNT beside logins: chat_account.proto.

namespace hamlet::auth {

/// The answer to a question.
template <class Question>
struct answered_by {
  using type = account::v1::Changed;
};
template <>
struct answered_by<account::v1::Register> {
  using type = account::v1::Registered;
};
template <>
struct answered_by<account::v1::ListCertificates> {
  using type = account::v1::Certificates;
};
template <>
struct answered_by<account::v1::ListNicks> {
  using type = account::v1::Nicks;
};
template <>
struct answered_by<account::v1::OwnerOfNick> {
  using type = account::v1::NickOwner;
};
template <>
struct answered_by<account::v1::FindAccount> {
  using type = account::v1::AccountFound;
};
template <>
struct answered_by<account::v1::GetChatSettings> {
  using type = account::v1::ChatSettings;
};

/// Which ACCOUNT is asked.
template <class Question>
const account_actor& owner_for(const router& owners, const Question& what) {
  if constexpr (requires { what.account_id(); }) {
    if (what.account_id() != 0)
      return owners.account_of(what.account_id());
  }
  if constexpr (requires { what.chat_name(); })
    return owners.account_of(what.chat_name());
  else if constexpr (requires { what.nick(); })
    return owners.account_of(what.nick());
  else if constexpr (requires { what.name(); })
    return owners.account_of(what.name());
  else
    return owners.account_of(what.account_id());
}

/// Asks the ACCOUNT one of a variant of questions. `then(Reply)` runs in the actor `self`; Reply is
/// a variant of the answers with std::monostate, which stands for no answer in time and for errors.
template <class Reply, class Self, class Request, class Then>
void ask_account(Self* self, deadlines& limits, const router& owners, const Request& what,
                 Then then) {
  constexpr auto patience = std::chrono::seconds{45};
  std::visit(
    [&]<class Question>(const Question& x) {
      using answered = typename answered_by<Question>::type;
      request<answered>(
        self, limits, patience, owner_for(owners, x), x,
        [then](const answered& y) mutable { then(Reply{y}); },
        [then](const caf::error&) mutable { then(Reply{}); });
    },
    what);
}

} // namespace hamlet::auth
