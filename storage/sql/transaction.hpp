// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/sql/database.hpp"

#include <thread>

namespace hamlet::sql {

/// Runs `f` in a transaction that writes: kept when it succeeds, undone when it fails. Blocks, and
/// on PostgreSQL may run `f` again: after a conflict, or when the connection broke before COMMIT.
template <class F>
auto in_transaction(database& db, F f) -> decltype(f()) {
  auto once = [&]() -> decltype(f()) {
    if (auto begun = db.begin(); !begun)
      return tl::unexpected{begun.error()};
    auto answer = f();
    auto kept = answer ? db.commit() : result<void>{};
    db.rollback();
    if (!kept)
      return tl::unexpected{kept.error()};
    return answer;
  };
  for (int tries = 0;; ++tries) {
    auto answer = once();
    auto pause = answer ? std::nullopt : db.retry_after(tries);
    if (!pause)
      return answer;
    std::this_thread::sleep_for(*pause);
  }
}

} // namespace hamlet::sql
