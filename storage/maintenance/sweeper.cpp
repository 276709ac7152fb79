// SPDX-License-Identifier: Apache-2.0
#include "storage/maintenance/sweeper.hpp"

#include "storage/mail/release.hpp"
#include "storage/sql/rows.hpp"
#include "storage/sql/transaction.hpp"

#include <vector>

namespace hamlet::sql {

namespace {

using std::int64_t;

constexpr query find_orphans = //
  "SELECT body_id FROM body b WHERE NOT EXISTS (SELECT 1 FROM message m WHERE m.body_id = "
  "b.body_id) "
  "AND NOT EXISTS (SELECT 1 FROM queue q WHERE q.queue_id = b.body_id)";

constexpr query is_referred_to = "SELECT 1 FROM body WHERE sha256 = $1 LIMIT 1";

result<bool> is_orphan(database& db, const std::string& sha256) {
  return db.row<int64_t>(is_referred_to, blob{sha256}).map([](auto found) {
    return !found.has_value();
  });
}

result<int64_t> sweep_bodies(database& db) {
  std::vector<int64_t> orphans;
  auto found = db.each<int64_t>(find_orphans, [&](int64_t id) { orphans.push_back(id); });
  return found
    .and_then([&] {
      return for_all(orphans, [&](int64_t id) {
        return in_transaction(db, [&] { return release_body(db, id); });
      });
    })
    .map([&] { return static_cast<int64_t>(orphans.size()); });
}

/// Nobody can begin to refer to the file meanwhile: the row needs this transaction to end, and
/// before it comes publish() has renewed the file's time.
result<bool> sweep_file(database& db, blob_store& blobs, const std::string& sha256,
                        int64_t min_age) {
  return in_transaction(db, [&]() -> result<bool> {
    return is_orphan(db, sha256).and_then([&](bool orphan) {
      return orphan ? blobs.sweep(sha256, min_age) : result<bool>{false};
    });
  });
}

result<int64_t> sweep_files(database& db, blob_store& blobs, int64_t min_age) {
  std::vector<std::string> old;
  auto keep = [&](const std::string& sha256, int64_t age) {
    if (age >= min_age && is_orphan(db, sha256).value_or(false))
      old.push_back(sha256);
  };
  int64_t files = 0;
  return blobs.each(keep)
    .and_then([&] {
      return for_all(old, [&](const std::string& sha256) {
        return sweep_file(db, blobs, sha256, min_age).map([&](bool gone) { files += gone; });
      });
    })
    .map([&] { return files; });
}

} // namespace

result<swept> sweep(database& db, blob_store& blobs, const sweep_bounds& bounds) {
  swept done;
  return in_transaction(db,
                        [&] { return release_expired(db, bounds.now - bounds.unconfirmed_age); })
    .and_then([&](int64_t n) {
      done.queued = n;
      return sweep_bodies(db);
    })
    .and_then([&](int64_t n) {
      done.bodies = n;
      return sweep_files(db, blobs, bounds.orphan_age);
    })
    .map([&](int64_t n) {
      done.files = n;
      return done;
    });
}

} // namespace hamlet::sql
