// SPDX-License-Identifier: Apache-2.0
#include "storage/chat/chat_account_repository.hpp"
#include "storage/chat/rooms.hpp"

namespace hamlet::sql {

namespace {

using std::int64_t;

constexpr query count_markers = //
  "SELECT count(*), count(CASE WHEN target = $2 THEN 1 END) FROM chat_marker WHERE account_id = $1";
constexpr query put_marker = //
  "INSERT INTO chat_marker (account_id, target, time_ms) VALUES ($1, $2, $3) "
  "ON CONFLICT (account_id, target) DO UPDATE SET time_ms = CASE WHEN excluded.time_ms > "
  "chat_marker.time_ms THEN excluded.time_ms ELSE chat_marker.time_ms END RETURNING time_ms";
constexpr query find_marker =
  "SELECT time_ms FROM chat_marker WHERE account_id = $1 AND target = $2";
constexpr query markers_of =
  "SELECT target, time_ms FROM chat_marker WHERE account_id = $1 ORDER BY target";

} // namespace

void chat_account_repository::set_marker(int64_t account_id, std::string target, int64_t time_ms,
                                         std::size_t at_most, completion<int64_t> done) {
  changes_->submit<int64_t>(
    [=](database& db) {
      return has_room(db.row<int64_t, int64_t>(count_markers, account_id, target), at_most)
        .and_then([&] { return value(db.row<int64_t>(put_marker, account_id, target, time_ms)); });
    },
    std::move(done));
}

void chat_account_repository::marker(int64_t account_id, std::string target,
                                     completion<std::optional<int64_t>> done) {
  views_->submit<std::optional<int64_t>>(
    [=](database& db) {
      return db.row<int64_t>(find_marker, account_id, target).map([](auto x) {
        return x ? std::optional{std::get<0>(*x)} : std::nullopt;
      });
    },
    std::move(done));
}

void chat_account_repository::markers(int64_t account_id,
                                      completion<std::vector<chat_marker>> done) {
  views_->submit<std::vector<chat_marker>>(
    [=](database& db) {
      std::vector<chat_marker> found;
      auto keep = [&](std::string target, int64_t time_ms) {
        found.push_back({std::move(target), time_ms});
      };
      return db.each<std::string, int64_t>(markers_of, keep, account_id).map([&] {
        return std::move(found);
      });
    },
    std::move(done));
}

} // namespace hamlet::sql
