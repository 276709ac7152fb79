// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/blobs/blob_store.hpp"
#include "storage/sql/database.hpp"

namespace hamlet::sql {

struct sweep_bounds {
  std::int64_t now = 0;
  std::int64_t unconfirmed_age = 0; ///< seconds after which no resend of a message is expected
  std::int64_t orphan_age = 0;      ///< seconds a file may wait for the row that refers to it
};

struct swept {
  std::int64_t queued = 0; ///< rows of the queue that nobody waits for
  std::int64_t bodies = 0; ///< texts that nothing refers to
  std::int64_t files = 0;  ///< blobs that no text refers to
};

/// Deletes what nothing refers to any more. Many short transactions, so that the server can go on;
/// each looks again before it deletes. Blocks.
result<swept> sweep(database& db, blob_store& blobs, const sweep_bounds& bounds);

} // namespace hamlet::sql
