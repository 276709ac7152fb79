// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/blobs/blob_store.hpp"
#include "storage/sql/database.hpp"

namespace hamlet::sql {

struct moved {
  std::int64_t tables = 0, rows = 0, blobs = 0;
};

/// Says how far it is: a table, or "large texts", and how much of it is there.
using move_progress =
  std::function<void(const std::string& what, std::int64_t done, std::int64_t total)>;

/// Copies a store of SQLite, that nobody writes meanwhile, into an empty one in PostgreSQL; both at
/// the latest schema. In steps, each a transaction: when it breaks off, the next call goes on
/// there. Of each table the number of rows and a digest of all octets are compared in the end.
/// bad_setup: there is something in the target already. store_failed: a table differs; the target
/// is of no use then.
result<moved> move_store(database& from, const blob_store& files, database& to, blob_store& texts,
                         const move_progress& tell);

/// A move into this PostgreSQL was begun and has not ended: it must not be served.
result<bool> is_being_moved(database& to);

} // namespace hamlet::sql
