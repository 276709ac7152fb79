// SPDX-License-Identifier: Apache-2.0
#include "storage/chat/channel_repository.hpp"

#include "storage/chat/channel_rows.hpp"
#include "storage/sql/rows.hpp"

namespace hamlet::sql {

namespace {

using std::int64_t;
using text = std::string;

constexpr query select_channel = //
  "SELECT channel_id, target, name, folded, coalesce(founder_account, 0), created_ms, "
  "last_used_ms, topic, topic_setter, topic_ms, modes, join_key, user_limit, forward, flood, "
  "retention_days, description FROM channel WHERE channel_id = $1";

constexpr query ids_after =
  "SELECT channel_id FROM channel WHERE channel_id > $1 ORDER BY channel_id LIMIT $2";
constexpr query ids_unused = //
  "SELECT channel_id FROM channel WHERE last_used_ms < $1 ORDER BY last_used_ms, channel_id "
  "LIMIT $2";
constexpr query find_name = "SELECT channel_id FROM channel WHERE folded = $1";

constexpr query roles_of = //
  "SELECT c.channel_id, c.name, CASE WHEN c.founder_account = $1 THEN 1 ELSE 0 END, "
  "coalesce(a.level, 0), coalesce(a.flags, '') FROM channel c LEFT JOIN channel_access a "
  "ON a.channel_id = c.channel_id AND a.account_id = $1 WHERE c.channel_id IN "
  "(SELECT channel_id FROM channel WHERE founder_account = $1 UNION "
  "SELECT channel_id FROM channel_access WHERE account_id = $1) ORDER BY c.folded";

result<chat_channel> load_channel(database& db, int64_t channel_id) {
  std::optional<chat_channel> found;
  auto keep = [&](int64_t id, text target, text name, text folded, int64_t founder,
                  int64_t created_ms, int64_t last_used_ms, text topic, text topic_setter,
                  int64_t topic_ms, text modes, text key, int64_t user_limit, text forward,
                  text flood, int64_t retention_days, text description) {
    found = {id,
             std::move(target),
             std::move(name),
             std::move(folded),
             founder,
             created_ms,
             last_used_ms,
             {std::move(topic), std::move(topic_setter), topic_ms},
             {std::move(modes), std::move(key), user_limit, std::move(forward), std::move(flood),
              retention_days, std::move(description)}};
  };
  auto done =
    db.each<int64_t, text, text, text, int64_t, int64_t, int64_t, text, text, int64_t, text, text,
            int64_t, text, text, int64_t, text>(select_channel, keep, channel_id);
  if (!done)
    return tl::unexpected{done.error()};
  if (!found)
    return fail(errc::not_found, "no such channel");
  return std::move(*found);
}

result<channel_record> load_record(database& db, int64_t channel_id) {
  auto channel = load_channel(db, channel_id);
  auto access = access_of(db, channel_id);
  auto lists = lists_of(db, channel_id);
  if (!channel || !access || !lists)
    return tl::unexpected{!channel ? channel.error() : !access ? access.error() : lists.error()};
  return channel_record{std::move(*channel), std::move(*access), std::move(*lists)};
}

/// What `load` makes of each channel that a statement names.
template <class T, class... Args>
result<std::vector<T>> load_each(database& db, result<T> (*load)(database&, int64_t),
                                 query statement, const Args&... args) {
  std::vector<int64_t> ids;
  std::vector<T> found;
  return db
    .each<int64_t>(
      statement, [&](int64_t id) { ids.push_back(id); }, args...)
    .and_then([&] {
      return for_all(ids, [&](int64_t id) {
        return load(db, id).map([&](T x) { found.push_back(std::move(x)); });
      });
    })
    .map([&] { return std::move(found); });
}

result<std::vector<channel_role>> load_roles(database& db, int64_t account_id) {
  std::vector<channel_role> found;
  auto keep = [&](int64_t id, text name, int64_t is_founder, int64_t level, text flags) {
    found.push_back({id, std::move(name), is_founder != 0, level, std::move(flags)});
  };
  return db.each<int64_t, text, int64_t, int64_t, text>(roles_of, keep, account_id).map([&] {
    return std::move(found);
  });
}

} // namespace

void channel_repository::load(int64_t after, std::size_t at_most,
                              completion<std::vector<channel_record>> done) {
  views_->submit<std::vector<channel_record>>(
    [=](database& db) { return load_each(db, load_record, ids_after, after, at_most); },
    std::move(done));
}

void channel_repository::find(std::string folded, completion<channel_record> done) {
  views_->submit<channel_record>(
    [=](database& db) {
      return value(db.row<int64_t>(find_name, folded)).and_then([&](int64_t id) {
        return load_record(db, id);
      });
    },
    std::move(done));
}

void channel_repository::find_id(int64_t channel_id, completion<channel_record> done) {
  views_->submit<channel_record>([=](database& db) { return load_record(db, channel_id); },
                                 std::move(done));
}

void channel_repository::unused(int64_t before_ms, std::size_t at_most,
                                completion<std::vector<chat_channel>> done) {
  views_->submit<std::vector<chat_channel>>(
    [=](database& db) { return load_each(db, load_channel, ids_unused, before_ms, at_most); },
    std::move(done));
}

void channel_repository::access(int64_t channel_id, completion<std::vector<channel_access>> done) {
  views_->submit<std::vector<channel_access>>(
    [=](database& db) {
      return needs_channel(db, channel_id).and_then([&] { return access_of(db, channel_id); });
    },
    std::move(done));
}

void channel_repository::channels_of(int64_t account_id,
                                     completion<std::vector<channel_role>> done) {
  views_->submit<std::vector<channel_role>>(
    [=](database& db) { return load_roles(db, account_id); }, std::move(done));
}

} // namespace hamlet::sql
