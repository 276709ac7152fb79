// SPDX-License-Identifier: Apache-2.0
#include "storage/chat/chat_account_repository.hpp"
#include "storage/sql/rows.hpp"

namespace hamlet::sql {

namespace {

using std::int64_t;
using text = std::string;

constexpr query put_session = //
  "INSERT INTO chat_session (account_id, nick, username, realname, user_modes, away, channels, "
  "last_seen_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (account_id) DO UPDATE SET "
  "nick = excluded.nick, username = excluded.username, realname = excluded.realname, "
  "user_modes = excluded.user_modes, away = excluded.away, channels = excluded.channels, "
  "last_seen_ms = excluded.last_seen_ms";
constexpr query delete_session = "DELETE FROM chat_session WHERE account_id = $1";
constexpr query sessions_after = //
  "SELECT account_id, nick, username, realname, user_modes, away, channels, last_seen_ms "
  "FROM chat_session WHERE account_id > $1 ORDER BY account_id LIMIT $2";

} // namespace

void chat_account_repository::save_session(chat_session x, completion<void_t> done) {
  changes_->submit<void_t>(
    [x = std::move(x)](database& db) {
      return nothing(db.run(put_session, x.account_id, x.nick, x.username, x.realname, x.user_modes,
                            x.away, blob{x.channels}, x.last_seen_ms));
    },
    std::move(done));
}

void chat_account_repository::remove_session(int64_t account_id, completion<void_t> done) {
  changes_->submit<void_t>(
    [=](database& db) { return nothing(db.run(delete_session, account_id)); }, std::move(done));
}

void chat_account_repository::sessions(int64_t after, std::size_t at_most,
                                       completion<std::vector<chat_session>> done) {
  views_->submit<std::vector<chat_session>>(
    [=](database& db) {
      std::vector<chat_session> found;
      auto keep = [&](int64_t id, text nick, text username, text realname, text user_modes,
                      text away, text channels, int64_t last_seen_ms) {
        found.push_back({id, std::move(nick), std::move(username), std::move(realname),
                         std::move(user_modes), std::move(away), std::move(channels),
                         last_seen_ms});
      };
      return db
        .each<int64_t, text, text, text, text, text, text, int64_t>(sessions_after, keep, after,
                                                                    at_most)
        .map([&] { return std::move(found); });
    },
    std::move(done));
}

} // namespace hamlet::sql
