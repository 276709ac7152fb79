// SPDX-License-Identifier: Apache-2.0
#include "storage/accounts/account_rows.hpp"
#include "storage/sql/rows.hpp"

namespace hamlet::sql {

namespace {

using std::int64_t;

constexpr query update_password = //
  "UPDATE account SET argon2id = $2, stored_key = $3, server_key = $4 WHERE account_id = $1";
constexpr query update_status = "UPDATE account SET status = $2 WHERE account_id = $1";
constexpr query update_role = "UPDATE account SET rank = $2 WHERE account_id = $1";
constexpr query update_quota = "UPDATE account SET quota_bytes = $2 WHERE account_id = $1";

struct use_statements {
  query is_old, update;
};

constexpr use_statements use_of[] = {
  // by protocol
  {"SELECT 1 FROM account WHERE account_id = $1 AND last_smtp <= $2",
   "UPDATE account SET last_smtp = $2 WHERE account_id = $1"},
  {"SELECT 1 FROM account WHERE account_id = $1 AND last_pop3 <= $2",
   "UPDATE account SET last_pop3 = $2 WHERE account_id = $1"},
  {"SELECT 1 FROM account WHERE account_id = $1 AND last_irc <= $2",
   "UPDATE account SET last_irc = $2 WHERE account_id = $1"},
  {"SELECT 1 FROM account WHERE account_id = $1 AND last_web <= $2",
   "UPDATE account SET last_web = $2 WHERE account_id = $1"},
};

constexpr int64_t often_enough = 3600; // seconds

/// A statement of an account and one number.
void set_number(writer& changes, query text, int64_t account_id, int64_t x,
                completion<void_t> done) {
  changes.submit<void_t>([=](database& db) { return one_changed(db.change(text, account_id, x)); },
                         std::move(done));
}

} // namespace

void account_repository::create(account fresh, completion<int64_t> done) {
  changes_->submit<int64_t>([x = std::move(fresh)](database& db) { return insert_account(db, x); },
                            std::move(done));
}

void account_repository::set_password(int64_t account_id, credential fresh,
                                      completion<void_t> done) {
  changes_->submit<void_t>(
    [=, x = std::move(fresh)](database& db) {
      return one_changed(db.change(update_password, account_id, std::string_view{x.argon2id},
                                   blob{x.stored_key}, blob{x.server_key}));
    },
    std::move(done));
}

void account_repository::set_status(int64_t account_id, account_status status,
                                    completion<void_t> done) {
  set_number(*changes_, update_status, account_id, static_cast<int64_t>(status), std::move(done));
}

void account_repository::set_role(int64_t account_id, role rank, completion<void_t> done) {
  set_number(*changes_, update_role, account_id, static_cast<int64_t>(rank), std::move(done));
}

void account_repository::set_quota(int64_t account_id, int64_t bytes, completion<void_t> done) {
  set_number(*changes_, update_quota, account_id, bytes, std::move(done));
}

void account_repository::remove(int64_t account_id, completion<void_t> done) {
  changes_->submit<void_t>([=](database& db) { return nothing(remove_account(db, account_id)); },
                           std::move(done));
}

void account_repository::touch(int64_t account_id, protocol by, int64_t now,
                               completion<void_t> done) {
  auto use = use_of[static_cast<std::size_t>(by)];
  auto write = [=, changes = changes_, done = std::move(done)](const result<bool>& is_old) {
    if (!is_old || !*is_old)
      return done(is_old.map([](bool) { return void_t{}; }));
    changes->submit<void_t>(
      [=](database& db) { return one_changed(db.change(use.update, account_id, now)); }, done);
  };
  views_->submit<bool>(
    [=](database& db) {
      return db.row<int64_t>(use.is_old, account_id, now - often_enough).map([](auto found) {
        return found.has_value();
      });
    },
    std::move(write));
}

} // namespace hamlet::sql
