// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/sql/database.hpp"

namespace hamlet::sql {

/// Runs `f` in a transaction that writes: kept when it succeeds, undone when it fails.
template <class F>
auto in_transaction(database& db, F f) -> decltype(f()) {
  if (auto begun = db.begin(); !begun)
    return tl::unexpected{begun.error()};
  auto answer = f();
  auto kept = answer ? db.commit() : result<void>{};
  db.rollback();
  if (!kept)
    return tl::unexpected{kept.error()};
  return answer;
}

} // namespace hamlet::sql
