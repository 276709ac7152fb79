// SPDX-License-Identifier: Apache-2.0
#include "storage/maintenance/backup.hpp"
#include "storage/maintenance/copying.hpp"
#include "storage/sql/migrate.hpp"
#include "storage/sql/transaction.hpp"

namespace hamlet::sql {

namespace fs = std::filesystem;

namespace {

// Far above what comes between a backup and its restore, and 4,000 of them fit into the 32 bits of
// a uid (RFC 9051 §2.3.1.1). The uid validity stays: clients keep what they have.
constexpr std::int64_t gap = 1'000'000;

result<void> leave_a_gap(database& db) {
  return in_transaction(db, [&] {
    return db.run("UPDATE folder SET next_uid = next_uid + $1", gap)
      .and_then([&] { return db.run("UPDATE mailbox SET next_modseq = next_modseq + $1", gap); })
      .and_then([&] {
        return db.run("UPDATE counter SET value = value + $1 WHERE name IN ('account', 'device', "
                      "'channel', 'chat_filter', 'oper_audit', 'admin_audit')",
                      gap);
      });
  });
}

result<void> bring_up(const fs::path& target) {
  return database::open(database_of(target), database::access::read_write)
    .and_then([](database db) {
      return migrate(db).and_then([&](int) { return leave_a_gap(db); }).and_then([&] {
        return db.checkpoint(database::checkpoint_mode::whole);
      });
    });
}

result<void> copy_blobs_back(const fs::path& from, const fs::path& target,
                             const backup_progress& tell) {
  auto db = database::open(database_of(from), database::access::archived);
  auto names = db.and_then([](database& x) { return blobs_in(x); });
  auto source = blob_store::open(blobs_of(from));
  auto sink = blob_store::open(blobs_of(target));
  if (!names || !source || !sink)
    return tl::unexpected{!names ? names.error() : !source ? source.error() : sink.error()};
  auto count = [&](std::int64_t done, std::int64_t total) {
    if (tell)
      tell(backup_stage::blobs, done, total);
  };
  return copy_blobs(*names, *source, *sink, count).map([](const copied&) {});
}

} // namespace

result<manifest> restore(const fs::path& from, const fs::path& target,
                         const backup_progress& tell) {
  auto said = verify_backup(from);
  if (!said)
    return said;
  return make_empty_folder(target)
    .and_then([&] { return copy_blobs_back(from, target, tell); })
    .and_then([&] { return sql::copy_file(database_of(from), database_of(target)); })
    .and_then([&] { return bring_up(target); })
    .map([&] { return *said; });
}

} // namespace hamlet::sql
