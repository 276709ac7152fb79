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

/// Deletes the queue rows accepted before `before` that no recipient waits for, confirmed or not.
/// @return How many.
result<std::int64_t> release_expired(database& db, std::int64_t before);

} // namespace hamlet::sql
