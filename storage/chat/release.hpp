// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/sql/database.hpp"

namespace hamlet::sql {

/// All that chat has of an account, before the account itself goes, inside the transaction of the
/// caller. Its channels are nobody's then. Direct conversations go with the last of both parties;
/// what it said in channels stays.
result<void> release_chat(database& db, std::int64_t account_id);

} // namespace hamlet::sql
