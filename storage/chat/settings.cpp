// SPDX-License-Identifier: Apache-2.0
#include "storage/chat/chat_account_repository.hpp"
#include "storage/chat/rooms.hpp"

namespace hamlet::sql {

namespace {

using std::int64_t;
using values = std::vector<named_value>;

constexpr query settings_of =
  "SELECT name, value FROM chat_setting WHERE account_id = $1 ORDER BY name";
constexpr query put_setting = //
  "INSERT INTO chat_setting (account_id, name, value) VALUES ($1, $2, $3) "
  "ON CONFLICT (account_id, name) DO UPDATE SET value = excluded.value";
constexpr query delete_setting = "DELETE FROM chat_setting WHERE account_id = $1 AND name = $2";

constexpr query metadata_of =
  "SELECT name, value FROM chat_metadata WHERE owner = $1 ORDER BY name";
constexpr query count_metadata = //
  "SELECT count(*), count(CASE WHEN name = $2 THEN 1 END) FROM chat_metadata WHERE owner = $1";
constexpr query put_metadata = //
  "INSERT INTO chat_metadata (owner, name, value) VALUES ($1, $2, $3) "
  "ON CONFLICT (owner, name) DO UPDATE SET value = excluded.value";
constexpr query delete_metadata = "DELETE FROM chat_metadata WHERE owner = $1 AND name = $2";
constexpr query delete_all_metadata = "DELETE FROM chat_metadata WHERE owner = $1";

template <class Key>
result<values> select_values(database& db, query statement, const Key& key) {
  values found;
  auto keep = [&](std::string name, std::string value) {
    found.emplace_back(std::move(name), std::move(value));
  };
  return db.each<std::string, std::string>(statement, keep, key).map([&] {
    return std::move(found);
  });
}

} // namespace

void chat_account_repository::settings(int64_t account_id, completion<values> done) {
  views_->submit<values>([=](database& db) { return select_values(db, settings_of, account_id); },
                         std::move(done));
}

void chat_account_repository::set_setting(int64_t account_id, std::string name, std::string value,
                                          completion<void_t> done) {
  changes_->submit<void_t>(
    [=](database& db) { return nothing(db.run(put_setting, account_id, name, value)); },
    std::move(done));
}

void chat_account_repository::remove_setting(int64_t account_id, std::string name,
                                             completion<void_t> done) {
  changes_->submit<void_t>(
    [=](database& db) { return nothing(db.run(delete_setting, account_id, name)); },
    std::move(done));
}

void chat_account_repository::metadata(std::string owner, completion<values> done) {
  views_->submit<values>([=](database& db) { return select_values(db, metadata_of, owner); },
                         std::move(done));
}

void chat_account_repository::set_metadata(std::string owner, std::string name, std::string value,
                                           std::size_t at_most, completion<void_t> done) {
  changes_->submit<void_t>(
    [=](database& db) {
      return nothing(
        has_room(db.row<int64_t, int64_t>(count_metadata, owner, name), at_most).and_then([&] {
          return db.run(put_metadata, owner, name, value);
        }));
    },
    std::move(done));
}

void chat_account_repository::remove_metadata(std::string owner, std::string name,
                                              completion<void_t> done) {
  changes_->submit<void_t>(
    [=](database& db) { return one_changed(db.change(delete_metadata, owner, name)); },
    std::move(done));
}

void chat_account_repository::clear_metadata(std::string owner, completion<values> done) {
  changes_->submit<values>(
    [=](database& db) {
      return select_values(db, metadata_of, owner).and_then([&](values all) {
        return db.run(delete_all_metadata, owner).map([&] { return std::move(all); });
      });
    },
    std::move(done));
}

} // namespace hamlet::sql
