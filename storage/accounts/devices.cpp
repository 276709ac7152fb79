// SPDX-License-Identifier: Apache-2.0
#include "storage/accounts/account_rows.hpp"
#include "storage/sql/rows.hpp"

namespace hamlet::sql {

namespace {

using std::int64_t;
using text = std::string;

constexpr query insert_device = //
  "INSERT INTO device_password (device_id, account_id, name, scope, sealed, stored_key, "
  "server_key, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
constexpr query delete_device = "DELETE FROM device_password WHERE account_id = $1 AND name = $2";
constexpr query list_devices = //
  "SELECT device_id, name, scope, sealed, stored_key, server_key, created_at, last_used_at "
  "FROM device_password WHERE account_id = $1 ORDER BY name";
constexpr query update_use = //
  "UPDATE device_password SET last_used_at = $2 WHERE device_id = $1 AND last_used_at < $2";

result<int64_t> insert(database& db, const device& x) {
  return next_number(db, "device").and_then([&](int64_t id) {
    return db
      .run(insert_device, id, x.account_id, std::string_view{x.name}, x.scope, blob{x.sealed},
           blob{x.keys.stored_key}, blob{x.keys.server_key}, x.created_at)
      .map([id] { return id; });
  });
}

} // namespace

result<std::vector<device>> devices_of(database& db, int64_t account_id) {
  std::vector<device> found;
  auto keep = [&](int64_t id, text name, int64_t scope, text sealed, text stored_key,
                  text server_key, int64_t created_at, int64_t last_used_at) {
    found.push_back({id,
                     account_id,
                     std::move(name),
                     static_cast<std::uint8_t>(scope),
                     std::move(sealed),
                     {{}, std::move(stored_key), std::move(server_key)},
                     created_at,
                     last_used_at});
  };
  return db
    .each<int64_t, text, int64_t, text, text, text, int64_t, int64_t>(list_devices, keep,
                                                                      account_id)
    .map([&] { return std::move(found); });
}

void account_repository::add_device(device fresh, completion<int64_t> done) {
  changes_->submit<int64_t>([x = std::move(fresh)](database& db) { return insert(db, x); },
                            std::move(done));
}

void account_repository::remove_device(int64_t account_id, std::string name,
                                       completion<void_t> done) {
  changes_->submit<void_t>(
    [=](database& db) {
      return one_changed(db.change(delete_device, account_id, std::string_view{name}));
    },
    std::move(done));
}

void account_repository::devices(int64_t account_id, completion<std::vector<device>> done) {
  views_->submit<std::vector<device>>([=](database& db) { return devices_of(db, account_id); },
                                      std::move(done));
}

void account_repository::touch_device(int64_t device_id, int64_t now, completion<void_t> done) {
  changes_->submit<void_t>(
    [=](database& db) { return nothing(db.run(update_use, device_id, now)); }, std::move(done));
}

} // namespace hamlet::sql
