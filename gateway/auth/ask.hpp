// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/deadlines.hpp"
#include "actors/failure.hpp"
#include "actors/router.hpp"
#include "gateway/auth/question.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <variant>

namespace hamlet::auth {

/// Who asks, for "last used" and for slowing down guesses.
struct asker {
  account::v1::Protocol protocol;
  std::string client; ///< address
};

/// The message that carries a question, without its type.
using message =
  std::variant<account::v1::CheckPassword, account::v1::SaltOf, account::v1::CheckProof,
               account::v1::CheckApop, account::v1::CheckCertificate>;
message to_message(const question& what, const asker& who);
answer to_answer(const account::v1::LoginResult& result);

/// The name in a question, or the certificate: it decides which ACCOUNT is asked.
const std::string& name_in(const question& what);

/// Asks the ACCOUNT on behalf of a session. `then(answer)` runs in the actor `self`, with
/// verdict::temporary when the ACCOUNT does not answer in time.
template <class Self, class Then>
void ask(Self* self, deadlines& limits, const router& owners, const question& what,
         const asker& who, Then then) {
  constexpr auto patience = std::chrono::seconds{45};
  auto& owner = owners.account_of(name_in(what));
  auto carried = to_message(what, who);
  std::visit(
    [&](auto& msg) {
      request<account::v1::LoginResult>(
        self, limits, patience, owner, std::move(msg),
        [then](const account::v1::LoginResult& x) mutable { then(to_answer(x)); },
        [then](const caf::error&) mutable { then(answer{}); });
    },
    carried);
}

} // namespace hamlet::auth
