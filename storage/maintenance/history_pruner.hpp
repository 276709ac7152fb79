// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/sql/database.hpp"

namespace hamlet::sql {

struct prune_bounds {
  std::int64_t now_ms = 0;
  /// Milliseconds after which an event goes, unless its channel has a retention of its own; 0:
  /// never.
  std::int64_t default_age_ms = 0;
  std::int64_t most_messages = 0; ///< that are kept of one conversation, the latest; 0: no limit
};

/// Deletes the history that is too old or too much; answers with the number of events. Looks at
/// each conversation, and deletes in many short transactions, so that the server can go on. Blocks.
result<std::int64_t> prune_history(database& db, const prune_bounds& bounds);

} // namespace hamlet::sql
