// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/maintenance/fsck.hpp"

#include <array>

/// What the files of a check share.
namespace hamlet::sql {

/// A check under way.
struct fsck_state {
  database& db;
  blob_store& blobs;
  const fsck_options& options;
  fsck_report report;

  /// Notes a finding and, with `repair`, calls `mend`, which may be empty.
  void found(flaw kind, std::string name, std::string detail,
             const std::function<result<void>()>& mend = {});
};

/// Numbers that name a row, 0 for what it has not.
using row_key = std::array<std::int64_t, 3>;

/// One rule of the store: what breaks it, and what is done about that.
struct fsck_rule {
  flaw kind;
  std::string_view what; ///< of the row, as the first part of its name
  query find;            ///< three numbers that name the row (0: none), and a text for people
  result<void> (*mend)(fsck_state& x, const row_key& key, const std::string& detail);
};
void check(fsck_state& x, const fsck_rule& rule);

void check_rows(fsck_state& x);
void check_chat(fsck_state& x);
void check_blobs(fsck_state& x);
void check_usage(fsck_state& x); ///< last: messages may have gone

/// Out of use, into the table quarantine; what refers to a text goes with it.
result<void> quarantine_message(fsck_state& x, std::int64_t mailbox, std::int64_t folder,
                                std::int64_t uid, std::string_view reason);
result<void> quarantine_queued(fsck_state& x, std::int64_t queue_id, std::string_view reason);
result<void> quarantine_recipient(fsck_state& x, std::int64_t queue_id, std::int64_t n,
                                  std::string_view reason);
result<void> quarantine_body(fsck_state& x, std::int64_t body_id, std::string_view reason);

} // namespace hamlet::sql
