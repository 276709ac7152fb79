// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/sql/database.hpp"

namespace hamlet::sql {

/// Runs `f` in a transaction that writes: kept when it succeeds, undone when it fails.
template <class F>
auto in_transaction(database& db, F f) -> decltype(f()) {
  if (auto begun = db.run("BEGIN IMMEDIATE"); !begun)
    return tl::unexpected{begun.error()};
  auto answer = f();
  auto kept = answer ? db.run("COMMIT") : result<void>{};
  if (!db.in_autocommit())
    (void)db.run("ROLLBACK");
  if (!kept)
    return tl::unexpected{kept.error()};
  return answer;
}

} // namespace hamlet::sql
