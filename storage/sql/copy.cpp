// SPDX-License-Identifier: Apache-2.0
#include "storage/sql/database.hpp"

#include <sqlite3.h>

#include <fcntl.h>
#include <unistd.h>

namespace hamlet::sql {

namespace {

constexpr int pages_at_once = 2048;

result<void> copy_pages(sqlite3_backup* copy, sqlite3* target, const database::progress& tell) {
  int code = SQLITE_OK;
  while (code == SQLITE_OK) {
    code = sqlite3_backup_step(copy, pages_at_once);
    auto total = sqlite3_backup_pagecount(copy);
    if (tell)
      tell(total - sqlite3_backup_remaining(copy), total);
  }
  if (code == SQLITE_DONE)
    return {};
  auto why = code == SQLITE_FULL ? errc::disk_full : errc::store_failed;
  return fail(why, "copy of the store: " + std::string{sqlite3_errmsg(target)});
}

} // namespace

result<void> database::copy_to(const std::string& file, const progress& tell) {
  if (remote_)
    return fail(errc::bad_setup, "PostgreSQL is copied with its own tools: pg_basebackup, pg_dump");
  int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0)
    return fail(errc::bad_setup, "cannot create " + file);
  ::close(fd);
  sqlite3* target = nullptr;
  auto code = sqlite3_open_v2(file.c_str(), &target, SQLITE_OPEN_READWRITE, nullptr);
  std::unique_ptr<sqlite3, close_database> closed_at_the_end{target};
  if (code != SQLITE_OK)
    return fail(errc::store_failed, "cannot open " + file);
  sqlite3_exec(target, "PRAGMA synchronous=FULL", nullptr, nullptr, nullptr);
  // A transaction that reads keeps one view while others write; without it each
  // COMMIT of theirs would make the copy begin anew.
  auto done = begin_view().and_then([&] { return run("SELECT count(*) FROM sqlite_schema"); });
  if (done) {
    auto* copy = sqlite3_backup_init(target, "main", handle_.get(), "main");
    done = copy ? copy_pages(copy, target, tell) : fail(errc::store_failed, "no copy to " + file);
    sqlite3_backup_finish(copy);
    // One file without a log beside it.
    sqlite3_exec(target, "PRAGMA journal_mode=DELETE", nullptr, nullptr, nullptr);
  }
  if (!in_autocommit())
    end_view();
  return done;
}

} // namespace hamlet::sql
