// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/sql/database.hpp"

#include <cstdint>

namespace hamlet::sql {

/// In whose name an owner writes. The first statement of the operation asks the store whether it
/// still holds, and locks the row of the shard until COMMIT: a new owner waits for those who write.
/// One without an incarnation is that of a program which is no node, such as a command: it holds.
struct fence {
  std::int32_t kind = 0; ///< of shard: 1 mailbox, 2 account, 3 queue, 4 nick, 5 channel, 6 session
  std::int32_t number = 0;      ///< of the shard among its kind
  std::int64_t epoch = 0;       ///< grows with each change of the owner
  std::int64_t incarnation = 0; ///< of the node that writes

  bool operator==(const fence&) const = default;
};

/// The guard: wrong_owner when the fence does not hold. On PostgreSQL it is told, so it costs no
/// round trip: the failure shows at the next statement that answers.
result<void> check(database& db, const fence& x);

} // namespace hamlet::sql
