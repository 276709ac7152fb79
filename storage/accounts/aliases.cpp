// SPDX-License-Identifier: Apache-2.0
#include "storage/accounts/account_rows.hpp"
#include "storage/sql/rows.hpp"

namespace hamlet::sql {

namespace {

using std::int64_t;
using pairs = std::vector<std::pair<std::string, std::string>>;

constexpr query insert_alias = //
  "INSERT INTO alias (domain, local, target) VALUES ($1, $2, $3) "
  "ON CONFLICT (domain, local, target) DO NOTHING";
constexpr query delete_alias = //
  "DELETE FROM alias WHERE domain = $1 AND local = $2 AND target = $3";
constexpr query find_address = "SELECT local, domain FROM account WHERE account_id = $1";
constexpr query find_by_target =
  "SELECT local, domain FROM alias WHERE target = $1 ORDER BY domain, local";
constexpr query find_by_only_target = //
  "SELECT local, domain FROM alias a WHERE target = $1 AND NOT EXISTS (SELECT 1 FROM alias b "
  "WHERE b.domain = a.domain AND b.local = a.local AND b.target <> $1) ORDER BY domain, local";
constexpr query list_aliases =
  "SELECT local, domain, target FROM alias ORDER BY domain, local, target";

result<void> insert(database& db, const std::string& local, const std::string& domain,
                    const std::string& target) {
  return lock_names(db)
    .and_then([&] { return find_account(db, local, domain); })
    .and_then([&](std::optional<int64_t> taken) {
      if (taken)
        return result<void>{fail(errc::already_exists, "the address is an account")};
      return db.run(insert_alias, std::string_view{domain}, std::string_view{local},
                    std::string_view{target});
    });
}

result<std::vector<std::string>> pointing_at(database& db, int64_t account_id) {
  return needed(db.row<std::string, std::string>(find_address, account_id))
    .and_then(
      [&](const auto& x) { return aliases_to(db, std::apply(joined, x), leading::also_here); });
}

result<pairs> all_aliases(database& db) {
  pairs found;
  auto keep = [&](std::string_view local, std::string_view domain, std::string target) {
    found.emplace_back(joined(local, domain), std::move(target));
  };
  return db.each<std::string_view, std::string_view, std::string>(list_aliases, keep).map([&] {
    return std::move(found);
  });
}

} // namespace

result<std::vector<std::string>> aliases_to(database& db, std::string_view address, leading how) {
  std::vector<std::string> found;
  auto keep = [&](std::string_view local, std::string_view domain) {
    found.push_back(joined(local, domain));
  };
  auto text = how == leading::also_here ? find_by_target : find_by_only_target;
  return db.each<std::string_view, std::string_view>(text, keep, address).map([&] {
    return std::move(found);
  });
}

void account_repository::add_alias(std::string local, std::string domain, std::string target,
                                   completion<void_t> done) {
  changes_->submit<void_t>([=](database& db) { return nothing(insert(db, local, domain, target)); },
                           std::move(done));
}

void account_repository::remove_alias(std::string local, std::string domain, std::string target,
                                      completion<void_t> done) {
  changes_->submit<void_t>(
    [=](database& db) {
      return one_changed(db.change(delete_alias, std::string_view{domain}, std::string_view{local},
                                   std::string_view{target}));
    },
    std::move(done));
}

void account_repository::aliases_of(int64_t account_id, completion<std::vector<std::string>> done) {
  views_->submit<std::vector<std::string>>(
    [=](database& db) { return pointing_at(db, account_id); }, std::move(done));
}

void account_repository::aliases(completion<pairs> done) {
  views_->submit<pairs>(all_aliases, std::move(done));
}

void account_repository::expand(std::string local, std::string domain,
                                completion<std::vector<std::string>> done) {
  using targets = std::vector<std::string>;
  views_->submit<targets>(
    [=](database& db) {
      auto where = domain.empty() ? default_domain(db) : result<std::string>{domain};
      return where.and_then([&](const std::string& name) { return alias_targets(db, local, name); })
        .and_then([](targets found) -> result<targets> {
          return found.empty() ? result<targets>{fail(errc::not_found)} : std::move(found);
        });
    },
    std::move(done));
}

} // namespace hamlet::sql
