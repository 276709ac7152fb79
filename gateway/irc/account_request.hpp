// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "hamlet/account/v1/account.pb.h"

#include <string>
#include <variant>

namespace hamlet::irc {

// What a session asks the ACCOUNT beside logins (gateway/auth).
using account_request = std::variant<std::monostate>;
/// std::monostate: nobody answered in time.
using account_reply = std::variant<std::monostate>;

} // namespace hamlet::irc
