// SPDX-License-Identifier: Apache-2.0
#include "storage/chat/ban_repository.hpp"
#include "storage/sql/rows.hpp"

namespace hamlet::sql {

namespace {

using std::int64_t;
using text = std::string;

constexpr query insert_filter = //
  "INSERT INTO chat_filter (filter_id, pattern, targets, action, duration_ms, reason, setter, "
  "set_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
constexpr query delete_filter = "DELETE FROM chat_filter WHERE filter_id = $1";
constexpr query all_filters = //
  "SELECT filter_id, pattern, targets, action, duration_ms, reason, setter, set_ms "
  "FROM chat_filter ORDER BY filter_id";

result<std::vector<chat_filter>> select_filters(database& db) {
  std::vector<chat_filter> found;
  auto keep = [&](int64_t id, text pattern, int64_t targets, int64_t action, int64_t duration_ms,
                  text reason, text setter, int64_t set_ms) {
    found.push_back({id, std::move(pattern), targets, action, duration_ms, std::move(reason),
                     std::move(setter), set_ms});
  };
  return db.each<int64_t, text, int64_t, int64_t, int64_t, text, text, int64_t>(all_filters, keep)
    .map([&] { return std::move(found); });
}

} // namespace

void ban_repository::add_filter(chat_filter fresh, completion<int64_t> done) {
  changes_->submit<int64_t>(
    [x = std::move(fresh)](database& db) {
      return next_number(db, "chat_filter").and_then([&](int64_t id) {
        return db
          .run(insert_filter, id, x.pattern, x.targets, x.action, x.duration_ms, x.reason, x.setter,
               x.set_ms)
          .map([id] { return id; });
      });
    },
    std::move(done));
}

void ban_repository::remove_filter(int64_t filter_id, completion<void_t> done) {
  changes_->submit<void_t>(
    [=](database& db) { return one_changed(db.change(delete_filter, filter_id)); },
    std::move(done));
}

void ban_repository::filters(completion<std::vector<chat_filter>> done) {
  views_->submit<std::vector<chat_filter>>(select_filters, std::move(done));
}

} // namespace hamlet::sql
