// SPDX-License-Identifier: Apache-2.0
#include "storage/chat/channel_rows.hpp"
#include "storage/chat/rooms.hpp"

namespace hamlet::sql {

namespace {

using std::int64_t;
using text = std::string;

constexpr query find_channel = "SELECT 1 FROM channel WHERE channel_id = $1";

constexpr query select_access = //
  "SELECT account_id, level, flags, setter, set_ms FROM channel_access WHERE channel_id = $1 "
  "ORDER BY account_id";
constexpr query count_access = //
  "SELECT count(*), count(CASE WHEN account_id = $2 THEN 1 END) FROM channel_access "
  "WHERE channel_id = $1";
constexpr query put_access = //
  "INSERT INTO channel_access (channel_id, account_id, level, flags, setter, set_ms) "
  "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (channel_id, account_id) DO UPDATE SET "
  "level = excluded.level, flags = excluded.flags, setter = excluded.setter, "
  "set_ms = excluded.set_ms";
constexpr query delete_access =
  "DELETE FROM channel_access WHERE channel_id = $1 AND account_id = $2";

constexpr query select_lists = //
  "SELECT kind, mask, setter, set_ms FROM channel_list WHERE channel_id = $1 ORDER BY kind, mask";
constexpr query count_list = //
  "SELECT count(*), count(CASE WHEN mask = $3 THEN 1 END) FROM channel_list "
  "WHERE channel_id = $1 AND kind = $2";
constexpr query put_entry = //
  "INSERT INTO channel_list (channel_id, kind, mask, setter, set_ms) VALUES ($1, $2, $3, $4, $5) "
  "ON CONFLICT (channel_id, kind, mask) DO UPDATE SET setter = excluded.setter, "
  "set_ms = excluded.set_ms";
constexpr query delete_entry =
  "DELETE FROM channel_list WHERE channel_id = $1 AND kind = $2 AND mask = $3";
constexpr query delete_lists = "DELETE FROM channel_list WHERE channel_id = $1";

std::string_view letter(const char& kind) {
  return {&kind, 1};
}

result<void> put(database& db, int64_t channel_id, const channel_list_entry& x) {
  return db.run(put_entry, channel_id, letter(x.kind), x.mask, x.setter, x.set_ms);
}

} // namespace

result<void> needs_channel(database& db, int64_t channel_id) {
  return value(db.row<int64_t>(find_channel, channel_id)).map([](int64_t) {});
}

result<std::vector<channel_access>> access_of(database& db, int64_t channel_id) {
  std::vector<channel_access> found;
  auto keep = [&](int64_t account_id, int64_t level, text flags, text setter, int64_t set_ms) {
    found.push_back({channel_id, account_id, level, std::move(flags), std::move(setter), set_ms});
  };
  return db.each<int64_t, int64_t, text, text, int64_t>(select_access, keep, channel_id).map([&] {
    return std::move(found);
  });
}

result<std::vector<channel_list_entry>> lists_of(database& db, int64_t channel_id) {
  std::vector<channel_list_entry> found;
  auto keep = [&](const text& kind, text mask, text setter, int64_t set_ms) {
    found.push_back({kind.empty() ? 'b' : kind[0], std::move(mask), std::move(setter), set_ms});
  };
  return db.each<text, text, text, int64_t>(select_lists, keep, channel_id).map([&] {
    return std::move(found);
  });
}

void channel_repository::set_access(channel_access fresh, std::size_t at_most,
                                    completion<void_t> done) {
  changes_->submit<void_t>(
    [at_most, x = std::move(fresh)](database& db) {
      return nothing(
        has_room(db.row<int64_t, int64_t>(count_access, x.channel_id, x.account_id), at_most)
          .and_then([&] {
            return db.run(put_access, x.channel_id, x.account_id, x.level, x.flags, x.setter,
                          x.set_ms);
          }));
    },
    std::move(done));
}

void channel_repository::remove_access(int64_t channel_id, int64_t account_id,
                                       completion<void_t> done) {
  changes_->submit<void_t>(
    [=](database& db) { return one_changed(db.change(delete_access, channel_id, account_id)); },
    std::move(done));
}

void channel_repository::add_entry(int64_t channel_id, channel_list_entry fresh,
                                   std::size_t at_most, completion<void_t> done) {
  changes_->submit<void_t>(
    [=, x = std::move(fresh)](database& db) {
      return nothing(
        has_room(db.row<int64_t, int64_t>(count_list, channel_id, letter(x.kind), x.mask), at_most)
          .and_then([&] { return put(db, channel_id, x); }));
    },
    std::move(done));
}

void channel_repository::remove_entry(int64_t channel_id, char kind, std::string mask,
                                      completion<void_t> done) {
  changes_->submit<void_t>(
    [=](database& db) {
      return one_changed(db.change(delete_entry, channel_id, letter(kind), mask));
    },
    std::move(done));
}

void channel_repository::replace_lists(int64_t channel_id, std::vector<channel_list_entry> fresh,
                                       completion<void_t> done) {
  changes_->submit<void_t>(
    [=, all = std::move(fresh)](database& db) {
      return nothing(needs_channel(db, channel_id)
                       .and_then([&] { return db.run(delete_lists, channel_id); })
                       .and_then([&] {
                         return for_all(all, [&](const channel_list_entry& x) {
                           return put(db, channel_id, x);
                         });
                       }));
    },
    std::move(done));
}

} // namespace hamlet::sql
