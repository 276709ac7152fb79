// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/blobs/blob_store.hpp"
#include "storage/sql/database.hpp"

#include <string>
#include <vector>

namespace hamlet::sql {

enum class flaw : std::uint8_t {
  unreadable,         ///< a check itself failed: the file is damaged
  integrity,          ///< PRAGMA integrity_check
  foreign_key,        ///< a reference that none of the others is about
  mailbox_missing,    ///< an account without mailbox or INBOX
  folder_missing,     ///< a message in a folder that is not there
  body_missing,       ///< a message without its text
  queue_body_missing, ///< a queued message without its text
  queue_finished,     ///< a queue row that is confirmed and for which nobody waits
  recipient_lost,     ///< a recipient without queue row or account
  body_orphan,        ///< a text that nothing refers to
  body_size,          ///< a size that is not that of the text
  message_size,       ///< a size that is not that of head and text
  uid_taken,          ///< a uid at or above the next one
  usage_wrong,        ///< the counters of a mailbox
  counter_behind,     ///< numbers would be given twice
  chat_orphan,        ///< a row of chat without its account or channel
  blob_missing,       ///< a text without its file
  blob_damaged,       ///< a file whose bytes are not those of its name
};
std::string_view to_string(flaw x);

struct finding {
  flaw kind;
  std::string name; ///< of the row or file
  std::string detail;
  bool repaired = false;
};

/// Numbers are -1 where the file could not be read.
struct fsck_report {
  std::int64_t accounts = 0, messages = 0, queued = 0, bodies = 0, blobs = 0;
  std::int64_t orphans = 0;     ///< files for the sweeper; no flaw
  std::int64_t quarantined = 0; ///< rows in quarantine, of this and earlier checks
  std::vector<finding> findings;
};

struct fsck_options {
  bool repair = false; ///< else nothing is changed
  bool deep = false;   ///< reads every file
  std::int64_t now = 0;
};

/// Looks at all of a store, finding after finding; one that can be put right is (with `repair`),
/// one that cannot is moved to the table quarantine with what is left of it, and the rest stays in
/// use. bad_setup: it is not at this program's schema. Blocks, and with `repair` keeps others from
/// writing while it looks.
result<fsck_report> fsck(database& db, blob_store& blobs, const fsck_options& options);

} // namespace hamlet::sql
