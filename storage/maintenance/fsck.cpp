// SPDX-License-Identifier: Apache-2.0
#include "storage/maintenance/fsck.hpp"

#include "storage/maintenance/fsck_state.hpp"
#include "storage/sql/migrate.hpp"
#include "storage/sql/rows.hpp"
#include "storage/sql/transaction.hpp"

namespace hamlet::sql {

namespace {

using std::int64_t;

void count(fsck_state& x) {
  struct total {
    query text;
    int64_t& into;
  };
  for (auto& [text, into] : {
         total{"SELECT count(*) FROM account", x.report.accounts},
         total{"SELECT count(*) FROM message", x.report.messages},
         total{"SELECT count(*) FROM queue", x.report.queued},
         total{"SELECT count(*) FROM body", x.report.bodies},
         total{"SELECT count(*) FROM quarantine", x.report.quarantined},
       })
    into = value(x.db.row<int64_t>(text)).value_or(-1);
}

void check_file(fsck_state& x) {
  auto keep = [&](std::string line) {
    if (line != "ok")
      x.found(flaw::integrity, "hamlet.db", std::move(line));
  };
  if (auto done = x.db.each<std::string>("PRAGMA integrity_check(1000)", keep); !done)
    x.found(flaw::unreadable, "integrity_check", done.error().detail);
}

void check_all(fsck_state& x) {
  check_file(x);
  check_rows(x);
  check_chat(x);
  check_blobs(x);
  check_usage(x);
  count(x);
}

result<void> check_ready(database& db) {
  return schema_version(db).and_then([](int version) -> result<void> {
    if (version != latest_schema())
      return fail(errc::bad_setup, "the store has schema " + std::to_string(version)
                                     + ", this program has " + std::to_string(latest_schema()));
    return {};
  });
}

} // namespace

std::string_view to_string(flaw x) {
  switch (x) {
  case flaw::unreadable: return "unreadable";
  case flaw::integrity: return "integrity";
  case flaw::foreign_key: return "foreign_key";
  case flaw::mailbox_missing: return "mailbox_missing";
  case flaw::folder_missing: return "folder_missing";
  case flaw::body_missing: return "body_missing";
  case flaw::queue_body_missing: return "queue_body_missing";
  case flaw::queue_finished: return "queue_finished";
  case flaw::recipient_lost: return "recipient_lost";
  case flaw::body_orphan: return "body_orphan";
  case flaw::body_size: return "body_size";
  case flaw::message_size: return "message_size";
  case flaw::uid_taken: return "uid_taken";
  case flaw::usage_wrong: return "usage_wrong";
  case flaw::counter_behind: return "counter_behind";
  case flaw::chat_orphan: return "chat_orphan";
  case flaw::blob_missing: return "blob_missing";
  case flaw::blob_damaged: return "blob_damaged";
  }
  return "unknown";
}

void fsck_state::found(flaw kind, std::string name, std::string detail,
                       const std::function<result<void>()>& mend) {
  finding f{kind, std::move(name), std::move(detail), false};
  if (options.repair && mend) {
    auto done = mend();
    f.repaired = done.has_value();
    if (!done)
      f.detail += "; not repaired: " + done.error().detail;
  }
  report.findings.push_back(std::move(f));
}

result<fsck_report> fsck(database& db, blob_store& blobs, const fsck_options& options) {
  if (auto ready = check_ready(db); !ready)
    return tl::unexpected{ready.error()};
  fsck_state x{db, blobs, options, {}};
  auto work = [&]() -> result<void> {
    check_all(x);
    return {};
  };
  if (options.repair) {
    if (auto kept = in_transaction(db, work); !kept)
      return tl::unexpected{kept.error()};
  } else {
    (void)db.begin_view(); // one view of all
    check_all(x);
    db.end_view();
  }
  return std::move(x.report);
}

} // namespace hamlet::sql
