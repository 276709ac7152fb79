// SPDX-License-Identifier: Apache-2.0
#include "storage/mail/mailbox_repository.hpp"
#include "storage/mail/release.hpp"
#include "storage/maintenance/fsck_state.hpp"
#include "storage/sql/rows.hpp"

namespace hamlet::sql {

namespace {

using std::int64_t;

// In this order: a row that goes may leave another one to be put right.
constexpr fsck_rule rules[] = {
  {flaw::mailbox_missing, "account",
   "SELECT account_id, 0, 0, 'no mailbox' FROM account a WHERE NOT EXISTS (SELECT 1 FROM folder f "
   "WHERE f.mailbox_id = a.account_id AND f.folder_id = 1)",
   [](fsck_state& x, const row_key& key, const std::string&) {
     return x.db
       .run("INSERT INTO mailbox (mailbox_id) VALUES ($1) ON CONFLICT (mailbox_id) DO NOTHING",
            key[0])
       .and_then([&] {
         return x.db.run("INSERT INTO folder (mailbox_id, folder_id, name, uid_validity, next_uid) "
                         "SELECT $1, $2, "
                         "'INBOX', $3, coalesce(max(uid), 0) + 1 FROM message "
                         "WHERE mailbox_id = $1 AND folder_id = $2",
                         key[0], inbox_folder, x.options.now);
       });
   }},
  {flaw::folder_missing, "message",
   "SELECT mailbox_id, folder_id, uid, 'no such folder' FROM message m WHERE NOT EXISTS "
   "(SELECT 1 FROM folder f WHERE f.mailbox_id = m.mailbox_id AND f.folder_id = m.folder_id)",
   [](fsck_state& x, const row_key& key, const std::string& why) {
     return quarantine_message(x, key[0], key[1], key[2], why);
   }},
  {flaw::body_missing, "message",
   "SELECT mailbox_id, folder_id, uid, 'its text is gone' FROM message m WHERE NOT EXISTS "
   "(SELECT 1 FROM body b WHERE b.body_id = m.body_id)",
   [](fsck_state& x, const row_key& key, const std::string& why) {
     return quarantine_message(x, key[0], key[1], key[2], why);
   }},
  {flaw::queue_body_missing, "queue",
   "SELECT queue_id, 0, 0, 'its text is gone' FROM queue q WHERE NOT EXISTS "
   "(SELECT 1 FROM body b WHERE b.body_id = q.queue_id)",
   [](fsck_state& x, const row_key& key, const std::string& why) {
     return quarantine_queued(x, key[0], why);
   }},
  {flaw::recipient_lost, "recipient",
   "SELECT queue_id, n, 0, 'no such message or account' FROM recipient r WHERE NOT EXISTS "
   "(SELECT 1 FROM queue q WHERE q.queue_id = r.queue_id) OR (account_id IS NOT NULL AND NOT "
   "EXISTS "
   "(SELECT 1 FROM account a WHERE a.account_id = r.account_id))",
   [](fsck_state& x, const row_key& key, const std::string& why) {
     return quarantine_recipient(x, key[0], key[1], why);
   }},
  {flaw::queue_finished, "queue",
   "SELECT queue_id, 0, 0, 'nobody waits for it' FROM queue q WHERE confirmed = 1 AND NOT EXISTS "
   "(SELECT 1 FROM recipient r WHERE r.queue_id = q.queue_id)",
   [](fsck_state& x, const row_key& key, const std::string&) {
     return release_queued(x.db, key[0]).map([](bool) {});
   }},
  {flaw::body_orphan, "body",
   "SELECT body_id, 0, 0, 'nothing refers to it' FROM body b WHERE NOT EXISTS "
   "(SELECT 1 FROM message m WHERE m.body_id = b.body_id) AND NOT EXISTS "
   "(SELECT 1 FROM queue q WHERE q.queue_id = b.body_id)",
   [](fsck_state& x, const row_key& key, const std::string&) {
     return release_body(x.db, key[0]);
   }},
  {flaw::body_size, "body",
   "SELECT body_id, 0, 0, 'its size is another' FROM body WHERE length(bytes) <> size",
   [](fsck_state& x, const row_key& key, const std::string&) {
     return x.db.run("UPDATE body SET size = length(bytes) WHERE body_id = $1", key[0]);
   }},
  {flaw::message_size, "message",
   "SELECT mailbox_id, folder_id, uid, 'its size is another' FROM message m JOIN body b "
   "ON b.body_id = m.body_id WHERE m.size <> length(m.head) + b.size",
   [](fsck_state& x, const row_key& key, const std::string&) {
     return x.db.run("UPDATE message SET size = length(head) + (SELECT b.size FROM body b "
                     "WHERE b.body_id = message.body_id) "
                     "WHERE mailbox_id = $1 AND folder_id = $2 AND uid = $3",
                     key[0], key[1], key[2]);
   }},
  {flaw::uid_taken, "folder",
   "SELECT mailbox_id, folder_id, next_uid, 'a uid would be given twice' FROM folder f WHERE "
   "EXISTS "
   "(SELECT 1 FROM message m WHERE m.mailbox_id = f.mailbox_id AND m.folder_id = f.folder_id "
   "AND m.uid >= f.next_uid)",
   [](fsck_state& x, const row_key& key, const std::string&) {
     return x.db.run("UPDATE folder SET next_uid = (SELECT max(uid) + 1 FROM message m "
                     "WHERE m.mailbox_id = $1 AND m.folder_id = $2) "
                     "WHERE mailbox_id = $1 AND folder_id = $2",
                     key[0], key[1]);
   }},
  {flaw::counter_behind, "counter",
   "SELECT max(account_id), 0, 0, 'account' FROM account HAVING max(account_id) > "
   "(SELECT value FROM counter WHERE name = 'account') UNION ALL "
   "SELECT max(device_id), 0, 0, 'device' FROM device_password HAVING max(device_id) > "
   "(SELECT value FROM counter WHERE name = 'device') UNION ALL "
   "SELECT max(channel_id), 0, 0, 'channel' FROM channel HAVING max(channel_id) > "
   "(SELECT value FROM counter WHERE name = 'channel') UNION ALL "
   "SELECT max(filter_id), 0, 0, 'chat_filter' FROM chat_filter HAVING max(filter_id) > "
   "(SELECT value FROM counter WHERE name = 'chat_filter') UNION ALL "
   "SELECT max(audit_id), 0, 0, 'oper_audit' FROM oper_audit HAVING max(audit_id) > "
   "(SELECT value FROM counter WHERE name = 'oper_audit') UNION ALL "
   "SELECT max(audit_id), 0, 0, 'admin_audit' FROM admin_audit HAVING max(audit_id) > "
   "(SELECT value FROM counter WHERE name = 'admin_audit')",
   [](fsck_state& x, const row_key& key, const std::string& name) {
     return x.db.run("UPDATE counter SET value = $1 WHERE name = $2", key[0],
                     std::string_view{name});
   }},
};

// After the files have been looked at: messages may have gone.
constexpr fsck_rule usage_rule = {
  flaw::usage_wrong, "mailbox",
  "SELECT mailbox_id, used_bytes, used_messages, 'what it holds is not what it counted' FROM "
  "mailbox b WHERE used_bytes <> (SELECT CAST(coalesce(sum(size), 0) AS BIGINT) FROM message m "
  "WHERE m.mailbox_id = b.mailbox_id) OR used_messages <> "
  "(SELECT count(*) FROM message m WHERE m.mailbox_id = b.mailbox_id)",
  [](fsck_state& x, const row_key& key, const std::string&) {
    return x.db.run(
      "UPDATE mailbox SET used_bytes = (SELECT CAST(coalesce(sum(size), 0) AS BIGINT) "
      "FROM message m WHERE m.mailbox_id = $1), used_messages = "
      "(SELECT count(*) FROM message m WHERE m.mailbox_id = $1) "
      "WHERE mailbox_id = $1",
      key[0]);
  }};

std::string name_of(const fsck_rule& r, const row_key& key) {
  std::string name{r.what};
  for (auto x : key)
    if (x != 0)
      name += " " + std::to_string(x);
  return name;
}

/// What is left when all of the above is put right.
void check_references(fsck_state& x) {
  auto keep = [&](std::string table, std::string parent) {
    x.found(flaw::foreign_key, std::move(table), "refers to what is not in " + parent);
  };
  auto looked = x.db.each<std::string, std::string>(
    "SELECT \"table\", parent FROM pragma_foreign_key_check", keep);
  if (!looked)
    x.found(flaw::unreadable, "foreign_key_check", looked.error().detail);
}

} // namespace

void check(fsck_state& x, const fsck_rule& r) {
  std::vector<std::pair<row_key, std::string>> broken;
  auto keep = [&](int64_t a, int64_t b, int64_t c, std::string detail) {
    broken.emplace_back(row_key{a, b, c}, std::move(detail));
  };
  auto looked = x.db.each<int64_t, int64_t, int64_t, std::string>(r.find, keep);
  for (auto& one : broken) // clang 14 lets no lambda capture a part of it
    x.found(r.kind, name_of(r, one.first), one.second,
            [&] { return r.mend(x, one.first, one.second); });
  if (!looked)
    x.found(flaw::unreadable, std::string{to_string(r.kind)}, looked.error().detail);
}

void check_rows(fsck_state& x) {
  for (auto& r : rules)
    check(x, r);
}

void check_usage(fsck_state& x) {
  check(x, usage_rule);
  if (x.options.repair)
    check_references(x);
}

} // namespace hamlet::sql
