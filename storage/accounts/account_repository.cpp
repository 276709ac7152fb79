// SPDX-License-Identifier: Apache-2.0
#include "storage/accounts/account_repository.hpp"

#include "storage/accounts/account_rows.hpp"
#include "storage/sql/rows.hpp"

namespace hamlet::sql {

namespace {

using std::int64_t;

constexpr query list_after = //
  "SELECT account_id FROM account WHERE (domain, local) > ($1, $2) "
  "ORDER BY domain, local LIMIT $3";

result<account> find_one(database& db, std::string_view local, std::string_view domain) {
  return find_account(db, local, domain).and_then([&](std::optional<int64_t> id) {
    return id ? load_account(db, *id) : fail(errc::not_found, "no such account");
  });
}

result<login> all_of(database& db, account who) {
  login all{std::move(who), {}, {}, false};
  return devices_of(db, all.who.id)
    .and_then([&](std::vector<device> devices) {
      all.devices = std::move(devices);
      return aliases_to(db, joined(all.who.local, all.who.domain), leading::here_alone);
    })
    .and_then([&](std::vector<std::string> aliases) {
      all.aliases = std::move(aliases);
      return default_domain(db);
    })
    .map([&](const std::string& home) {
      all.is_in_default_domain = all.who.domain == home;
      return std::move(all);
    });
}

/// Nobody is an answer, no failure.
result<std::optional<login>> maybe(result<login> found) {
  if (!found && found.error().code == errc::not_found)
    return std::nullopt;
  return found.map([](login& x) { return std::optional{std::move(x)}; });
}

result<std::optional<login>> login_of(database& db, const std::string& local,
                                      const std::optional<std::string>& domain) {
  auto where = domain ? result<std::string>{*domain} : default_domain(db);
  return maybe(where.and_then([&](const std::string& x) { return find_one(db, local, x); })
                 .and_then([&](account x) { return all_of(db, std::move(x)); }));
}

result<std::vector<account>> page(database& db, const std::string& after, std::size_t at_most) {
  auto from = split_address(after);
  std::vector<int64_t> ids;
  std::vector<account> found;
  return db
    .each<int64_t>(
      list_after, [&](int64_t id) { ids.push_back(id); }, std::string_view{from.domain},
      std::string_view{from.local}, at_most)
    .and_then([&] {
      return for_all(ids, [&](int64_t id) {
        return load_account(db, id).map([&](account x) { found.push_back(std::move(x)); });
      });
    })
    .map([&] { return std::move(found); });
}

} // namespace

void account_repository::find(std::string local, std::string domain, completion<account> done) {
  views_->submit<account>([=](database& db) { return find_one(db, local, domain); },
                          std::move(done));
}

void account_repository::find_id(int64_t account_id, completion<account> done) {
  views_->submit<account>([=](database& db) { return load_account(db, account_id); },
                          std::move(done));
}

void account_repository::find_login(std::string local, std::optional<std::string> domain,
                                    completion<std::optional<login>> done) {
  views_->submit<std::optional<login>>([=](database& db) { return login_of(db, local, domain); },
                                       std::move(done));
}

void account_repository::find_login(int64_t account_id, completion<std::optional<login>> done) {
  views_->submit<std::optional<login>>(
    [=](database& db) {
      return maybe(
        load_account(db, account_id).and_then([&](account x) { return all_of(db, std::move(x)); }));
    },
    std::move(done));
}

void account_repository::list(std::string after, std::size_t at_most,
                              completion<std::vector<account>> done) {
  views_->submit<std::vector<account>>([=](database& db) { return page(db, after, at_most); },
                                       std::move(done));
}

void account_repository::resolve(std::string local, std::string domain,
                                 completion<destination> done, std::string separator) {
  views_->submit<destination>(
    [=](database& db) { return resolve_address(db, local, domain, separator); }, std::move(done));
}

void account_repository::room_of(int64_t account_id, completion<usage> done) {
  views_->submit<usage>([=](database& db) { return room_of_account(db, account_id); },
                        std::move(done));
}

} // namespace hamlet::sql
