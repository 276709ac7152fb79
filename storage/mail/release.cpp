// SPDX-License-Identifier: Apache-2.0
#include "storage/mail/release.hpp"

#include "storage/sql/rows.hpp"

#include <vector>

namespace hamlet::sql {

namespace {

constexpr query delete_body = //
  "DELETE FROM body WHERE body_id = $1 "
  "AND NOT EXISTS (SELECT 1 FROM message m WHERE m.body_id = $1) "
  "AND NOT EXISTS (SELECT 1 FROM queue q WHERE q.queue_id = $1)";

// The number must not be given again after a restart, though the row is gone. In steps of 2^34,
// four seconds of id_source: so it is seldom that all who delete wait for this one row.
constexpr query remember_id = //
  "UPDATE counter SET value = ($1 / 17179869184 + 1) * 17179869184 "
  "WHERE name = 'queue' AND value < $1";

constexpr query delete_queued = //
  "DELETE FROM queue WHERE queue_id = $1 "
  "AND NOT EXISTS (SELECT 1 FROM recipient r WHERE r.queue_id = $1)";

// Confirmed ones too: in a cluster confirm() and collect() may each leave a row to the other.
constexpr query find_finished = //
  "SELECT queue_id FROM queue q WHERE accepted_at < $1 "
  "AND NOT EXISTS (SELECT 1 FROM recipient r WHERE r.queue_id = q.queue_id)";

} // namespace

result<void> release_body(database& db, std::int64_t body_id) {
  auto gone = db.change(delete_body, body_id);
  if (!gone)
    return tl::unexpected{gone.error()};
  return *gone == 0 ? result<void>{} : db.run(remember_id, body_id);
}

result<bool> release_queued(database& db, std::int64_t queue_id) {
  auto gone = db.change(delete_queued, queue_id);
  if (!gone)
    return tl::unexpected{gone.error()};
  if (*gone == 0)
    return false;
  return release_body(db, queue_id).map([] { return true; });
}

result<std::int64_t> release_expired(database& db, std::int64_t before) {
  std::vector<std::int64_t> finished;
  auto keep = [&](std::int64_t id) { finished.push_back(id); };
  return db.each<std::int64_t>(find_finished, keep, before)
    .and_then([&] {
      return for_all(finished,
                     [&](std::int64_t id) { return release_queued(db, id).map([](bool) {}); });
    })
    .map([&] { return static_cast<std::int64_t>(finished.size()); });
}

} // namespace hamlet::sql
