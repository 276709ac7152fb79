// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/resume.hpp"
#include "actors/router.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

namespace hamlet {

/// The account to which a nick belongs, or one that looks like it.
struct nick_owner {
  std::int64_t account_id = 0; ///< 0: nobody's
  std::string name;
};

/// In the place of the ACCOUNT; any thread, the answer on any thread.
/// @param asker Account of who wants the nick; 0: none.
using find_nick_owner = std::function<void(const std::string& nick, std::int64_t asker,
                                           std::function<void(result<nick_owner>)> done)>;

/// Asks the ACCOUNT whose nick this is, or `instead` where that is given. `then` gets
/// result<nick_owner> as part of the actor.
template <class Self, class Then>
void ask_nick_owner(Self* self, deadlines& limits, std::chrono::seconds patience,
                    const router& owners, const find_nick_owner& instead, const std::string& nick,
                    std::int64_t asker, Then then) {
  if (instead)
    return instead(nick, asker, resume<nick_owner>(self, limits, patience, std::move(then)));
  account::v1::OwnerOfNick question;
  question.set_nick(nick);
  question.set_account_id(asker);
  auto next = std::make_shared<Then>(std::move(then)); // one of the two runs
  request<account::v1::NickOwner>(
    self, limits, patience, owners.account_of(nick), std::move(question),
    [next](const account::v1::NickOwner& x) {
      (*next)(result<nick_owner>{nick_owner{x.account_id(), x.chat_name()}});
    },
    [next](const caf::error& why) { (*next)(result<nick_owner>{fail(code_of(why))}); });
}

} // namespace hamlet
