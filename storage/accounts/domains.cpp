// SPDX-License-Identifier: Apache-2.0
#include "lib/crypto/random.hpp"
#include "storage/accounts/account_rows.hpp"
#include "storage/sql/rows.hpp"

namespace hamlet::sql {

namespace {

using std::int64_t;

constexpr query find_any = "SELECT 1 FROM domain LIMIT 1";
constexpr query insert_domain = //
  "INSERT INTO domain (name, is_default, created_at) VALUES ($1, $2, $3) "
  "ON CONFLICT (name) DO NOTHING";
constexpr query find_inside = //
  "SELECT 1 FROM account WHERE domain = $1 UNION ALL SELECT 1 FROM alias WHERE domain = $1 LIMIT 1";
constexpr query delete_domain = "DELETE FROM domain WHERE name = $1";
constexpr query list_domains = "SELECT name FROM domain ORDER BY is_default DESC, name";

// RFC 7677 §4. It has no password yet; the salt is of the account for life.
constexpr int64_t scram_iterations = 4096;
constexpr std::size_t salt_size = 16;

result<void> insert_postmaster(database& db, const std::string& domain, int64_t now) {
  account postmaster;
  postmaster.local = "postmaster"; // RFC 5321 §4.5.1
  postmaster.domain = domain;
  postmaster.rank = role::admin;
  postmaster.scram_salt = crypto::random_bytes(salt_size);
  postmaster.scram_iterations = scram_iterations;
  postmaster.created_at = now;
  return insert_account(db, postmaster).map([](int64_t) {});
}

result<void> insert(database& db, const std::string& name, int64_t now) {
  auto any = db.row<int64_t>(find_any);
  if (!any)
    return tl::unexpected{any.error()};
  auto is_first = !any->has_value();
  return db.run(insert_domain, std::string_view{name}, is_first, now).and_then([&] {
    return is_first ? insert_postmaster(db, name, now) : result<void>{};
  });
}

result<void_t> erase(database& db, const std::string& name) {
  auto inside = db.row<int64_t>(find_inside, std::string_view{name});
  if (!inside)
    return tl::unexpected{inside.error()};
  if (*inside)
    return fail(errc::bad_request, "accounts or aliases are in it");
  return one_changed(db.change(delete_domain, std::string_view{name}));
}

} // namespace

void account_repository::add_domain(std::string name, int64_t now, completion<void_t> done) {
  changes_->submit<void_t>([=](database& db) { return nothing(insert(db, name, now)); },
                           std::move(done));
}

void account_repository::remove_domain(std::string name, completion<void_t> done) {
  changes_->submit<void_t>([=](database& db) { return erase(db, name); }, std::move(done));
}

void account_repository::domains(completion<std::vector<std::string>> done) {
  views_->submit<std::vector<std::string>>(
    [](database& db) {
      std::vector<std::string> found;
      auto keep = [&](std::string name) { found.push_back(std::move(name)); };
      return db.each<std::string>(list_domains, keep).map([&] { return std::move(found); });
    },
    std::move(done));
}

} // namespace hamlet::sql
