// SPDX-License-Identifier: Apache-2.0
#include "storage/maintenance/history_pruner.hpp"

#include "storage/chat/history_rows.hpp"
#include "storage/sql/rows.hpp"
#include "storage/sql/transaction.hpp"

namespace hamlet::sql {

namespace {

using std::int64_t;

constexpr query next_target =
  "SELECT target FROM chat_event WHERE target > $1 ORDER BY target LIMIT 1";
constexpr query find_retention = "SELECT retention_days FROM channel WHERE target = $1";
constexpr query find_older = //
  "SELECT 1 FROM chat_event WHERE target = $1 AND is_message IN (0, 1) "
  "AND (time_ms, event_id) < ($2, $3) LIMIT 1";
constexpr query delete_direct = //
  "DELETE FROM chat_direct WHERE target = $1 AND NOT EXISTS "
  "(SELECT 1 FROM chat_event WHERE target = $1)";

constexpr int64_t day_ms = 86'400'000;
constexpr std::size_t rows_at_once = 1'000;

/// What is before this place is too old.
result<history_place> oldest_kept(database& db, const std::string& target,
                                  const prune_bounds& bounds) {
  auto days = db.row<int64_t>(find_retention, target);
  if (!days)
    return tl::unexpected{days.error()};
  auto own_ms = *days ? std::get<0>(**days) * day_ms : 0;
  auto age_ms = own_ms > 0 ? own_ms : bounds.default_age_ms;
  history_place place{age_ms > 0 ? bounds.now_ms - age_ms : lowest, lowest};
  if (bounds.most_messages <= 0)
    return place;
  return latest_kept(db, target, static_cast<std::size_t>(bounds.most_messages))
    .map([&](std::optional<history_place> x) { return x ? std::max(*x, place) : place; });
}

result<int64_t> prune_target(database& db, const std::string& target, const prune_bounds& bounds) {
  auto place = oldest_kept(db, target, bounds);
  if (!place)
    return tl::unexpected{place.error()};
  int64_t all = 0;
  for (;;) { // most have nothing to delete, and a look needs no turn among those who write
    auto older = db.row<int64_t>(find_older, target, place->time_ms, place->event_id);
    if (!older)
      return tl::unexpected{older.error()};
    if (!*older)
      break;
    auto gone = in_transaction(db, [&] {
      return delete_before(db, target, *place, rows_at_once).and_then([&](int64_t n) {
        return db.run(delete_direct, target).map([n] { return n; });
      });
    });
    if (!gone)
      return gone;
    all += *gone;
  }
  return all;
}

} // namespace

result<int64_t> prune_history(database& db, const prune_bounds& bounds) {
  int64_t all = 0;
  for (std::string at;;) {
    auto next = db.row<std::string>(next_target, at);
    if (!next)
      return tl::unexpected{next.error()};
    if (!*next)
      return all;
    at = std::get<0>(std::move(**next));
    auto gone = prune_target(db, at, bounds);
    if (!gone)
      return gone;
    all += *gone;
  }
}

} // namespace hamlet::sql
