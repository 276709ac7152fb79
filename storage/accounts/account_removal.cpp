// SPDX-License-Identifier: Apache-2.0
#include "storage/accounts/account_rows.hpp"
#include "storage/chat/release.hpp"
#include "storage/mail/release.hpp"
#include "storage/sql/rows.hpp"

namespace hamlet::sql {

namespace {

using std::int64_t;

constexpr query find_address = "SELECT local, domain FROM account WHERE account_id = $1";
constexpr query delete_aliases = "DELETE FROM alias WHERE target = $1";
constexpr query delete_devices = "DELETE FROM device_password WHERE account_id = $1";
constexpr query find_queued = "SELECT DISTINCT queue_id FROM recipient WHERE account_id = $1";
constexpr query delete_recipients = "DELETE FROM recipient WHERE account_id = $1";
constexpr query find_bodies = "SELECT body_id FROM message WHERE mailbox_id = $1";
constexpr query delete_messages = "DELETE FROM message WHERE mailbox_id = $1";
constexpr query delete_folders = "DELETE FROM folder WHERE mailbox_id = $1";
constexpr query delete_mailbox = "DELETE FROM mailbox WHERE mailbox_id = $1";
constexpr query delete_account = "DELETE FROM account WHERE account_id = $1";

// An unconfirmed row stays, for a resend may still come.
constexpr query find_confirmed = //
  "SELECT queue_id FROM queue WHERE queue_id = $1 AND confirmed = 1";

result<std::vector<int64_t>> ids(database& db, query text, int64_t account_id) {
  std::vector<int64_t> found;
  auto keep = [&](int64_t id) { found.push_back(id); };
  return db.each<int64_t>(text, keep, account_id).map([&] { return std::move(found); });
}

result<void> finish_queued(database& db, int64_t queue_id) {
  auto confirmed = db.row<int64_t>(find_confirmed, queue_id);
  if (!confirmed)
    return tl::unexpected{confirmed.error()};
  return *confirmed ? release_queued(db, queue_id).map([](bool) {}) : result<void>{};
}

result<void> remove_queued(database& db, int64_t account_id) {
  return ids(db, find_queued, account_id).and_then([&](const std::vector<int64_t>& queued) {
    return db.run(delete_recipients, account_id).and_then([&] {
      return for_all(queued, [&](int64_t id) { return finish_queued(db, id); });
    });
  });
}

result<void> remove_mailbox(database& db, int64_t account_id) {
  return ids(db, find_bodies, account_id).and_then([&](const std::vector<int64_t>& bodies) {
    return db.run(delete_messages, account_id)
      .and_then([&] { return for_all(bodies, [&](int64_t id) { return release_body(db, id); }); })
      .and_then([&] { return db.run(delete_folders, account_id); })
      .and_then([&] { return db.run(delete_mailbox, account_id); });
  });
}

} // namespace

result<void> remove_account(database& db, int64_t account_id) {
  auto address = needed(db.row<std::string, std::string>(find_address, account_id));
  if (!address)
    return tl::unexpected{address.error()};
  auto& [local, domain] = *address;
  auto home = default_domain(db);
  if (home && local == "postmaster" && domain == *home)
    return fail(errc::bad_request, "every host has a postmaster (RFC 5321 §4.5.1)");
  return db.run(delete_aliases, std::string_view{joined(local, domain)})
    .and_then([&] { return db.run(delete_devices, account_id); })
    .and_then([&] { return release_chat(db, account_id); })
    .and_then([&] { return remove_queued(db, account_id); })
    .and_then([&] { return remove_mailbox(db, account_id); })
    .and_then([&] { return db.run(delete_account, account_id); });
}

} // namespace hamlet::sql
