// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/sql/database.hpp"

namespace hamlet::sql {

/// Deletes a text that neither a message nor the queue refers to any more. Its file, if it has one,
/// is left to the sweeper.
result<void> release_body(database& db, std::int64_t body_id);

/// Deletes a queue row that no recipient waits for, and its text unless a mailbox has it.
/// @return Whether it did.
result<bool> release_queued(database& db, std::int64_t queue_id);

} // namespace hamlet::sql
