// SPDX-License-Identifier: Apache-2.0
#include "storage/chat/channel_repository.hpp"
#include "storage/chat/keys.hpp"
#include "storage/chat/rooms.hpp"

namespace hamlet::sql {

namespace {

using std::int64_t;

constexpr query count_founded = "SELECT count(*), 0 FROM channel WHERE founder_account = $1";

constexpr query insert_channel = //
  "INSERT INTO channel (channel_id, target, name, folded, founder_account, created_ms, "
  "last_used_ms, topic, topic_setter, topic_ms, modes, join_key, user_limit, forward, flood, "
  "retention_days, description) VALUES "
  "($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)";

constexpr query update_settings = //
  "UPDATE channel SET modes = $2, join_key = $3, user_limit = $4, forward = $5, flood = $6, "
  "retention_days = $7, description = $8 WHERE channel_id = $1";
constexpr query update_topic = //
  "UPDATE channel SET topic = $2, topic_setter = $3, topic_ms = $4 WHERE channel_id = $1";
constexpr query update_name = "UPDATE channel SET name = $2, folded = $3 WHERE channel_id = $1";
constexpr query update_founder = "UPDATE channel SET founder_account = $2 WHERE channel_id = $1";
constexpr query update_use = //
  "UPDATE channel SET last_used_ms = CASE WHEN last_used_ms < $2 THEN $2 ELSE last_used_ms END "
  "WHERE channel_id = $1";

constexpr query delete_access = "DELETE FROM channel_access WHERE channel_id = $1";
constexpr query delete_lists = "DELETE FROM channel_list WHERE channel_id = $1";
constexpr query delete_metadata = "DELETE FROM chat_metadata WHERE owner = $1";
constexpr query delete_channel = "DELETE FROM channel WHERE channel_id = $1";

result<int64_t> insert(database& db, const chat_channel& x, std::size_t at_most) {
  if (x.founder != 0)
    if (auto room = has_room(db.row<int64_t, int64_t>(count_founded, x.founder), at_most); !room)
      return tl::unexpected{room.error()};
  return next_number(db, "channel").and_then([&](int64_t id) {
    auto& s = x.settings;
    return db
      .run(insert_channel, id, x.target, x.name, x.folded, account_or_null(x.founder), x.created_ms,
           x.last_used_ms, x.topic.text, x.topic.setter, x.topic.time_ms, s.modes, s.key,
           s.user_limit, s.forward, s.flood, s.retention_days, s.description)
      .map([id] { return id; });
  });
}

result<void_t> remove_channel(database& db, int64_t channel_id) {
  return db.run(delete_access, channel_id)
    .and_then([&] { return db.run(delete_lists, channel_id); })
    .and_then([&] { return db.run(delete_metadata, channel_key(channel_id)); })
    .and_then([&] { return one_changed(db.change(delete_channel, channel_id)); });
}

} // namespace

void channel_repository::create(chat_channel fresh, std::size_t at_most, completion<int64_t> done) {
  changes_->submit<int64_t>(
    [at_most, x = std::move(fresh)](database& db) { return insert(db, x, at_most); },
    std::move(done));
}

void channel_repository::update(int64_t channel_id, channel_settings fresh,
                                completion<void_t> done) {
  changes_->submit<void_t>(
    [channel_id, x = std::move(fresh)](database& db) {
      return one_changed(db.change(update_settings, channel_id, x.modes, x.key, x.user_limit,
                                   x.forward, x.flood, x.retention_days, x.description));
    },
    std::move(done));
}

void channel_repository::set_topic(int64_t channel_id, channel_topic fresh,
                                   completion<void_t> done) {
  changes_->submit<void_t>(
    [channel_id, x = std::move(fresh)](database& db) {
      return one_changed(db.change(update_topic, channel_id, x.text, x.setter, x.time_ms));
    },
    std::move(done));
}

void channel_repository::rename(int64_t channel_id, std::string name, std::string folded,
                                completion<void_t> done) {
  changes_->submit<void_t>(
    [=](database& db) { return one_changed(db.change(update_name, channel_id, name, folded)); },
    std::move(done));
}

void channel_repository::transfer(int64_t channel_id, int64_t account_id, completion<void_t> done) {
  changes_->submit<void_t>(
    [=](database& db) {
      return one_changed(db.change(update_founder, channel_id, account_or_null(account_id)));
    },
    std::move(done));
}

void channel_repository::drop(int64_t channel_id, completion<void_t> done) {
  changes_->submit<void_t>([=](database& db) { return remove_channel(db, channel_id); },
                           std::move(done));
}

void channel_repository::touch(int64_t channel_id, int64_t now_ms, completion<void_t> done) {
  changes_->submit<void_t>(
    [=](database& db) { return one_changed(db.change(update_use, channel_id, now_ms)); },
    std::move(done));
}

} // namespace hamlet::sql
