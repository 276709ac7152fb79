// SPDX-License-Identifier: Apache-2.0
#include "storage/chat/chat_account_repository.hpp"
#include "storage/chat/rooms.hpp"

namespace hamlet::sql {

namespace {

using std::int64_t;
using text = std::string;

// The local name of an account in the default domain is its nick without a row.
constexpr query find_named = //
  "SELECT a.account_id FROM account a JOIN domain d ON d.name = a.domain "
  "WHERE d.is_default = 1 AND a.local = $1";
constexpr query find_owner = "SELECT account_id FROM chat_nick WHERE folded = $1";
constexpr query find_other = //
  "SELECT 1 FROM chat_nick WHERE (folded = $1 OR skeleton = $2) AND account_id <> $3 LIMIT 1";

constexpr query count_nicks = //
  "SELECT count(*), count(CASE WHEN folded = $2 THEN 1 END) FROM chat_nick WHERE account_id = $1";
constexpr query put_nick = //
  "INSERT INTO chat_nick (folded, nick, skeleton, account_id, added_ms, used_ms) "
  "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (folded) DO UPDATE SET nick = excluded.nick, "
  "skeleton = excluded.skeleton, used_ms = excluded.used_ms";
constexpr query delete_nick = "DELETE FROM chat_nick WHERE account_id = $1 AND folded = $2";

constexpr query nicks_of = //
  "SELECT folded, nick, skeleton, account_id, added_ms, used_ms FROM chat_nick "
  "WHERE account_id = $1 ORDER BY folded";
constexpr query nicks_like = //
  "SELECT folded, nick, skeleton, account_id, added_ms, used_ms FROM chat_nick "
  "WHERE skeleton = $1 ORDER BY folded LIMIT 1";

constexpr query update_use = "UPDATE chat_nick SET used_ms = $2 WHERE folded = $1 AND used_ms < $2";
constexpr query delete_unused = "DELETE FROM chat_nick WHERE used_ms < $1";

template <class Key>
result<std::vector<chat_nick>> select_nicks(database& db, query statement, const Key& key) {
  std::vector<chat_nick> found;
  auto keep = [&](text folded, text nick, text skeleton, int64_t account_id, int64_t added_ms,
                  int64_t used_ms) {
    found.push_back(
      {std::move(folded), std::move(nick), std::move(skeleton), account_id, added_ms, used_ms});
  };
  return db.each<text, text, text, int64_t, int64_t, int64_t>(statement, keep, key).map([&] {
    return std::move(found);
  });
}

result<std::optional<int64_t>> owner_of(database& db, const text& folded) {
  auto found = db.row<int64_t>(find_named, folded);
  if (found && !*found)
    found = db.row<int64_t>(find_owner, folded);
  return found.map([](auto x) { return x ? std::optional{std::get<0>(*x)} : std::nullopt; });
}

result<void> insert(database& db, const chat_nick& x, std::size_t at_most) {
  if (auto alone = lock_names(db); !alone)
    return alone;
  auto owner = owner_of(db, x.folded);
  auto other = db.row<int64_t>(find_other, x.folded, x.skeleton, x.account_id);
  if (!owner || !other)
    return tl::unexpected{!owner ? owner.error() : other.error()};
  if (owner->value_or(x.account_id) != x.account_id || *other)
    return fail(errc::already_exists, "the nick of another account");
  return has_room(db.row<int64_t, int64_t>(count_nicks, x.account_id, x.folded), at_most)
    .and_then([&] {
      return db.run(put_nick, x.folded, x.nick, x.skeleton, x.account_id, x.added_ms, x.used_ms);
    });
}

} // namespace

void chat_account_repository::group(chat_nick fresh, std::size_t at_most, completion<void_t> done) {
  changes_->submit<void_t>(
    [at_most, x = std::move(fresh)](database& db) { return nothing(insert(db, x, at_most)); },
    std::move(done));
}

void chat_account_repository::ungroup(int64_t account_id, std::string folded,
                                      completion<void_t> done) {
  changes_->submit<void_t>(
    [=](database& db) { return one_changed(db.change(delete_nick, account_id, folded)); },
    std::move(done));
}

void chat_account_repository::nicks(int64_t account_id, completion<std::vector<chat_nick>> done) {
  views_->submit<std::vector<chat_nick>>(
    [=](database& db) { return select_nicks(db, nicks_of, account_id); }, std::move(done));
}

void chat_account_repository::owner(std::string folded, completion<std::optional<int64_t>> done) {
  views_->submit<std::optional<int64_t>>([=](database& db) { return owner_of(db, folded); },
                                         std::move(done));
}

void chat_account_repository::look_alike(std::string skeleton,
                                         completion<std::optional<chat_nick>> done) {
  views_->submit<std::optional<chat_nick>>(
    [=](database& db) {
      return select_nicks(db, nicks_like, skeleton).map([](std::vector<chat_nick> found) {
        return found.empty() ? std::nullopt : std::optional{std::move(found.front())};
      });
    },
    std::move(done));
}

void chat_account_repository::touch_nick(std::string folded, int64_t now_ms,
                                         completion<void_t> done) {
  changes_->submit<void_t>(
    [=](database& db) { return nothing(db.run(update_use, folded, now_ms)); }, std::move(done));
}

void chat_account_repository::expire_nicks(int64_t before_ms, completion<int64_t> done) {
  changes_->submit<int64_t>([=](database& db) { return db.change(delete_unused, before_ms); },
                            std::move(done));
}

} // namespace hamlet::sql
