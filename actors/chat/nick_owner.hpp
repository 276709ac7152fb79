// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/sql/task.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace hamlet {

/// The account to which a nick belongs, or one that looks like it.
struct nick_owner {
  std::int64_t account_id = 0; ///< 0: nobody's
  std::string name;
};

/// Asks the ACCOUNT; any thread, the answer on any thread.
/// @param asker Account of who wants the nick; 0: none.
using find_nick_owner = std::function<void(const std::string& nick, std::int64_t asker,
                                           sql::completion<nick_owner> done)>;

} // namespace hamlet
