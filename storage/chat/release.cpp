// SPDX-License-Identifier: Apache-2.0
#include "storage/chat/release.hpp"

#include "storage/chat/keys.hpp"
#include "storage/sql/rows.hpp"

namespace hamlet::sql {

namespace {

using std::int64_t;

constexpr query of_account[] = {
  "UPDATE channel SET founder_account = NULL WHERE founder_account = $1",
  "DELETE FROM channel_access WHERE account_id = $1",
  "DELETE FROM chat_nick WHERE account_id = $1",
  "DELETE FROM chat_certificate WHERE account_id = $1",
  "DELETE FROM chat_setting WHERE account_id = $1",
  "DELETE FROM chat_marker WHERE account_id = $1",
  "DELETE FROM chat_session WHERE account_id = $1",
  "DELETE FROM chat_direct WHERE account_id = $1",
};
constexpr query delete_metadata = "DELETE FROM chat_metadata WHERE owner = $1";

// Conversations that nobody else has.
constexpr query find_lone = //
  "SELECT target FROM chat_direct d WHERE account_id = $1 AND NOT EXISTS "
  "(SELECT 1 FROM chat_direct o WHERE o.target = d.target AND o.account_id <> $1)";
constexpr query delete_events = "DELETE FROM chat_event WHERE target = $1";

} // namespace

result<void> release_chat(database& db, int64_t account_id) {
  std::vector<std::string> lone;
  auto keep = [&](std::string target) { lone.push_back(std::move(target)); };
  return db.each<std::string>(find_lone, keep, account_id)
    .and_then(
      [&] { return for_all(lone, [&](const std::string& x) { return db.run(delete_events, x); }); })
    .and_then([&] { return for_all(of_account, [&](query x) { return db.run(x, account_id); }); })
    .and_then([&] { return db.run(delete_metadata, account_key(account_id)); });
}

} // namespace hamlet::sql
