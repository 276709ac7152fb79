// SPDX-License-Identifier: Apache-2.0
#include "storage/accounts/account_rows.hpp"

#include "storage/mail/mailbox_repository.hpp"
#include "storage/sql/rows.hpp"

namespace hamlet::sql {

namespace {

using std::int64_t;
using text = std::string;
using maybe_text = std::optional<std::string>;

// The time, so that a mailbox that is made anew never has the old number, and more than the last
// one, should the clock go back (RFC 9051 §2.3.1.1).
constexpr query take_uid_validity = //
  "UPDATE counter SET value = CASE WHEN value >= $1 THEN value + 1 ELSE $1 END "
  "WHERE name = 'uid_validity' RETURNING value";

constexpr query find_by_address = "SELECT account_id FROM account WHERE domain = $1 AND local = $2";

constexpr query select_account = //
  "SELECT local, domain, display_name, rank, status, quota_bytes, scram_salt, scram_iterations, "
  "argon2id, stored_key, server_key, created_at, last_smtp, last_pop3, last_irc, last_web "
  "FROM account WHERE account_id = $1";

constexpr query insert_row = //
  "INSERT INTO account (account_id, local, domain, display_name, rank, status, quota_bytes, "
  "scram_salt, scram_iterations, argon2id, stored_key, server_key, created_at) "
  "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";

constexpr query insert_mailbox = "INSERT INTO mailbox (mailbox_id) VALUES ($1)";

constexpr query insert_inbox = //
  "INSERT INTO folder (mailbox_id, folder_id, name, uid_validity) VALUES ($1, $2, 'INBOX', $3)";

constexpr query find_domain = "SELECT 1 FROM domain WHERE name = $1";
constexpr query find_default = "SELECT name FROM domain WHERE is_default = 1";

// In the default domain a name is a nick too.
constexpr query find_nick = //
  "SELECT 1 FROM chat_nick n JOIN domain d ON d.is_default = 1 AND d.name = $2 "
  "WHERE n.folded = $1";

constexpr query find_targets =
  "SELECT target FROM alias WHERE domain = $1 AND local = $2 ORDER BY target";

// With what waits in the queue: it is accepted and will need the room.
constexpr query find_room = //
  "SELECT b.used_bytes + (SELECT CAST(coalesce(sum(q.size), 0) AS BIGINT) FROM recipient r "
  "JOIN queue q ON q.queue_id = r.queue_id WHERE r.account_id = $1), "
  "b.used_messages + (SELECT count(*) FROM recipient r WHERE r.account_id = $1), a.quota_bytes "
  "FROM mailbox b JOIN account a ON a.account_id = b.mailbox_id WHERE b.mailbox_id = $1";

result<void> insert_rows(database& db, const account& x, int64_t id, int64_t uid_validity) {
  std::optional<std::string_view> argon2id;
  std::optional<blob> stored_key, server_key;
  if (x.password) {
    argon2id = x.password->argon2id;
    stored_key = blob{x.password->stored_key};
    server_key = blob{x.password->server_key};
  }
  return db
    .run(insert_row, id, std::string_view{x.local}, std::string_view{x.domain},
         std::string_view{x.display_name}, static_cast<int>(x.rank), static_cast<int>(x.status),
         x.quota_bytes, blob{x.scram_salt}, x.scram_iterations, argon2id, stored_key, server_key,
         x.created_at)
    .and_then([&] { return db.run(insert_mailbox, id); })
    .and_then([&] { return db.run(insert_inbox, id, inbox_folder, uid_validity); });
}

} // namespace

address_parts split_address(std::string_view address) {
  auto at = address.rfind('@');
  if (at == address.npos)
    return {text{address}, {}};
  return {text{address.substr(0, at)}, text{address.substr(at + 1)}};
}

std::string joined(std::string_view local, std::string_view domain) {
  return text{local}.append("@").append(domain);
}

result<std::optional<int64_t>> find_account(database& db, std::string_view local,
                                            std::string_view domain) {
  return db.row<int64_t>(find_by_address, domain, local).map([](auto found) {
    return found ? std::optional{std::get<0>(*found)} : std::nullopt;
  });
}

result<account> load_account(database& db, int64_t account_id) {
  account x;
  bool found = false;
  auto keep = [&](text local, text domain, text display_name, int64_t rank, int64_t status,
                  int64_t quota, text salt, int64_t iterations, maybe_text argon2id,
                  maybe_text stored_key, maybe_text server_key, int64_t created_at, int64_t smtp,
                  int64_t pop3, int64_t irc, int64_t web) {
    found = true;
    x.id = account_id;
    x.local = std::move(local);
    x.domain = std::move(domain);
    x.display_name = std::move(display_name);
    x.rank = static_cast<role>(rank);
    x.status = static_cast<account_status>(status);
    x.quota_bytes = quota;
    x.scram_salt = std::move(salt);
    x.scram_iterations = iterations;
    if (argon2id)
      x.password = credential{std::move(*argon2id), std::move(stored_key).value_or(""),
                              std::move(server_key).value_or("")};
    x.created_at = created_at;
    x.last_used[static_cast<int>(protocol::smtp)] = smtp;
    x.last_used[static_cast<int>(protocol::pop3)] = pop3;
    x.last_used[static_cast<int>(protocol::irc)] = irc;
    x.last_used[static_cast<int>(protocol::web)] = web;
  };
  auto done = db.each<text, text, text, int64_t, int64_t, int64_t, text, int64_t, maybe_text,
                      maybe_text, maybe_text, int64_t, int64_t, int64_t, int64_t, int64_t>(
    select_account, keep, account_id);
  if (!done)
    return tl::unexpected{done.error()};
  if (!found)
    return fail(errc::not_found, "no such account");
  return x;
}

result<int64_t> insert_account(database& db, const account& fresh) {
  if (auto alone = lock_names(db); !alone)
    return tl::unexpected{alone.error()};
  auto aliased = alias_targets(db, fresh.local, fresh.domain);
  auto nick = db.row<int64_t>(find_nick, fresh.local, fresh.domain);
  if (!aliased || !nick)
    return tl::unexpected{!aliased ? aliased.error() : nick.error()};
  if (!aliased->empty())
    return fail(errc::already_exists, "the address is an alias");
  if (*nick)
    return fail(errc::already_exists, "the name is the nick of another account");
  return next_number(db, "account").and_then([&](int64_t id) {
    return value(db.row<int64_t>(take_uid_validity, std::max<int64_t>(fresh.created_at, 1)))
      .and_then([&](int64_t validity) { return insert_rows(db, fresh, id, validity); })
      .map([id] { return id; });
  });
}

result<usage> room_of_account(database& db, int64_t account_id) {
  return needed(db.row<int64_t, int64_t, int64_t>(find_room, account_id)).map([](auto x) {
    auto [bytes, messages, quota] = x;
    return usage{bytes, messages, quota};
  });
}

result<bool> is_local_domain(database& db, std::string_view domain) {
  return db.row<int64_t>(find_domain, domain).map([](auto found) { return found.has_value(); });
}

result<std::string> default_domain(database& db) {
  return value(db.row<text>(find_default));
}

result<std::vector<std::string>> alias_targets(database& db, std::string_view local,
                                               std::string_view domain) {
  std::vector<text> found;
  auto keep = [&](text target) { found.push_back(std::move(target)); };
  return db.each<text>(find_targets, keep, domain, local).map([&] { return std::move(found); });
}

} // namespace hamlet::sql
