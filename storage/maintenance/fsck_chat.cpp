// SPDX-License-Identifier: Apache-2.0
#include "storage/maintenance/fsck_state.hpp"

namespace hamlet::sql {

namespace {

// What belongs to nobody any more is of no use to anybody: it goes, and only a channel stays.
constexpr fsck_rule rules[] = {
  {flaw::chat_orphan, "channel",
   "SELECT channel_id, 0, 0, 'its founder is no account' FROM channel c WHERE founder_account IS "
   "NOT NULL AND NOT EXISTS (SELECT 1 FROM account a WHERE a.account_id = c.founder_account)",
   [](fsck_state& x, const row_key& key, const std::string&) {
     return x.db.run("UPDATE channel SET founder_account = NULL WHERE channel_id = $1", key[0]);
   }},
  {flaw::chat_orphan, "channel_access",
   "SELECT channel_id, account_id, 0, 'no such channel or account' FROM channel_access x WHERE "
   "NOT EXISTS (SELECT 1 FROM channel c WHERE c.channel_id = x.channel_id) OR "
   "NOT EXISTS (SELECT 1 FROM account a WHERE a.account_id = x.account_id)",
   [](fsck_state& x, const row_key& key, const std::string&) {
     return x.db.run("DELETE FROM channel_access WHERE channel_id = $1 AND account_id = $2", key[0],
                     key[1]);
   }},
  {flaw::chat_orphan, "channel_list",
   "SELECT DISTINCT channel_id, 0, 0, 'no such channel' FROM channel_list x WHERE NOT EXISTS "
   "(SELECT 1 FROM channel c WHERE c.channel_id = x.channel_id)",
   [](fsck_state& x, const row_key& key, const std::string&) {
     return x.db.run("DELETE FROM channel_list WHERE channel_id = $1", key[0]);
   }},
  {flaw::chat_orphan, "chat_direct",
   "SELECT DISTINCT account_id, 0, 0, 'no such account' FROM chat_direct x WHERE NOT EXISTS "
   "(SELECT 1 FROM account a WHERE a.account_id = x.account_id)",
   [](fsck_state& x, const row_key& key, const std::string&) {
     return x.db.run("DELETE FROM chat_direct WHERE account_id = $1", key[0]);
   }},
  {flaw::chat_orphan, "chat_nick",
   "SELECT DISTINCT account_id, 0, 0, 'no such account' FROM chat_nick x WHERE NOT EXISTS "
   "(SELECT 1 FROM account a WHERE a.account_id = x.account_id)",
   [](fsck_state& x, const row_key& key, const std::string&) {
     return x.db.run("DELETE FROM chat_nick WHERE account_id = $1", key[0]);
   }},
  {flaw::chat_orphan, "chat_certificate",
   "SELECT DISTINCT account_id, 0, 0, 'no such account' FROM chat_certificate x WHERE NOT EXISTS "
   "(SELECT 1 FROM account a WHERE a.account_id = x.account_id)",
   [](fsck_state& x, const row_key& key, const std::string&) {
     return x.db.run("DELETE FROM chat_certificate WHERE account_id = $1", key[0]);
   }},
  {flaw::chat_orphan, "chat_setting",
   "SELECT DISTINCT account_id, 0, 0, 'no such account' FROM chat_setting x WHERE NOT EXISTS "
   "(SELECT 1 FROM account a WHERE a.account_id = x.account_id)",
   [](fsck_state& x, const row_key& key, const std::string&) {
     return x.db.run("DELETE FROM chat_setting WHERE account_id = $1", key[0]);
   }},
  {flaw::chat_orphan, "chat_marker",
   "SELECT DISTINCT account_id, 0, 0, 'no such account' FROM chat_marker x WHERE NOT EXISTS "
   "(SELECT 1 FROM account a WHERE a.account_id = x.account_id)",
   [](fsck_state& x, const row_key& key, const std::string&) {
     return x.db.run("DELETE FROM chat_marker WHERE account_id = $1", key[0]);
   }},
  {flaw::chat_orphan, "chat_session",
   "SELECT account_id, 0, 0, 'no such account' FROM chat_session x WHERE NOT EXISTS "
   "(SELECT 1 FROM account a WHERE a.account_id = x.account_id)",
   [](fsck_state& x, const row_key& key, const std::string&) {
     return x.db.run("DELETE FROM chat_session WHERE account_id = $1", key[0]);
   }},
  {flaw::chat_orphan, "chat_metadata",
   "SELECT DISTINCT 0, 0, 0, owner FROM chat_metadata x WHERE NOT EXISTS "
   "(SELECT 1 FROM account a WHERE a.account_id = CAST(substr(x.owner, 2) AS BIGINT) AND "
   "substr(x.owner, 1, 1) = 'a') AND NOT EXISTS "
   "(SELECT 1 FROM channel c WHERE c.channel_id = CAST(substr(x.owner, 2) AS BIGINT) AND "
   "substr(x.owner, 1, 1) = 'c')",
   [](fsck_state& x, const row_key&, const std::string& owner) {
     return x.db.run("DELETE FROM chat_metadata WHERE owner = $1", owner);
   }},
};

} // namespace

void check_chat(fsck_state& x) {
  for (auto& rule : rules)
    check(x, rule);
}

} // namespace hamlet::sql
