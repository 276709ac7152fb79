// SPDX-License-Identifier: Apache-2.0
#include "storage/chat/history_rows.hpp"

#include "storage/sql/rows.hpp"

#include <algorithm>

namespace hamlet::sql {

namespace {

using std::int64_t;
using text = std::string;
using maybe_text = std::optional<std::string>;

constexpr query newest_between = //
  "SELECT target, time_ms, event_id, kind, coalesce(sender_account, 0), sender, text, redacted_by, "
  "redacted_reason, coalesce(redacted_ms, 0), event FROM chat_event "
  "WHERE target = $1 AND is_message = $2 AND (time_ms, event_id) > ($3, $4) "
  "AND (time_ms, event_id) < ($5, $6) ORDER BY time_ms DESC, event_id DESC LIMIT $7";

constexpr query oldest_between = //
  "SELECT target, time_ms, event_id, kind, coalesce(sender_account, 0), sender, text, redacted_by, "
  "redacted_reason, coalesce(redacted_ms, 0), event FROM chat_event "
  "WHERE target = $1 AND is_message = $2 AND (time_ms, event_id) > ($3, $4) "
  "AND (time_ms, event_id) < ($5, $6) ORDER BY time_ms, event_id LIMIT $7";

constexpr query select_one = //
  "SELECT target, time_ms, event_id, kind, coalesce(sender_account, 0), sender, text, redacted_by, "
  "redacted_reason, coalesce(redacted_ms, 0), event FROM chat_event WHERE event_id = $1 "
  "AND (target = $2 OR $2 = '') ORDER BY target LIMIT 1";

constexpr query delete_oldest = //
  "DELETE FROM chat_event WHERE target = $1 AND event_id IN (SELECT event_id FROM chat_event "
  "WHERE target = $1 AND is_message = $2 AND (time_ms, event_id) < ($3, $4) "
  "ORDER BY time_ms, event_id LIMIT $5)";

constexpr query find_kept = //
  "SELECT time_ms, event_id FROM chat_event WHERE target = $1 AND is_message = 1 "
  "ORDER BY time_ms DESC, event_id DESC LIMIT 1 OFFSET $2";

constexpr query latest_time = //
  "SELECT time_ms FROM chat_event WHERE target = $1 AND is_message = 1 "
  "ORDER BY time_ms DESC, event_id DESC LIMIT 1";

template <class... Args>
result<void> read(database& db, std::vector<chat_event>& into, query statement,
                  const Args&... args) {
  auto keep = [&](text target, int64_t time_ms, int64_t event_id, int64_t kind, int64_t account,
                  text sender, text said, maybe_text by, maybe_text reason, int64_t redacted_ms,
                  text event) {
    into.push_back({std::move(target), time_ms, event_id, static_cast<event_kind>(kind), account,
                    std::move(sender), std::move(said), std::move(event)});
    if (by)
      into.back().redacted = {std::move(*by), std::move(reason).value_or(""), redacted_ms};
  };
  return db.each<text, int64_t, int64_t, int64_t, int64_t, text, text, maybe_text, maybe_text,
                 int64_t, text>(statement, keep, args...);
}

history_place place_of(const chat_event& x) {
  return {x.time_ms, x.event_id};
}

} // namespace

// Messages and the rest lie apart, so all events are two readings of up to `limit` each.
result<std::vector<chat_event>> read_history(database& db, const std::string& target,
                                             const history_range& range, std::size_t limit,
                                             history_end from, history_view view) {
  std::vector<chat_event> found;
  for (int is_message = view == history_view::all ? 0 : 1; is_message <= 1; ++is_message) {
    auto done = read(db, found, from == history_end::newest ? newest_between : oldest_between,
                     target, is_message, range.low.time_ms, range.low.event_id, range.high.time_ms,
                     range.high.event_id, limit);
    if (!done)
      return tl::unexpected{done.error()};
  }
  std::ranges::sort(found, {}, place_of);
  auto spare = static_cast<std::ptrdiff_t>(found.size() - std::min(found.size(), limit));
  if (from == history_end::newest)
    found.erase(found.begin(), found.begin() + spare);
  else
    found.erase(found.end() - spare, found.end());
  return found;
}

result<std::optional<chat_event>> find_event(database& db, int64_t event_id,
                                             const std::string& target) {
  std::vector<chat_event> found;
  return read(db, found, select_one, event_id, target).map([&] {
    return found.empty() ? std::nullopt : std::optional{std::move(found.front())};
  });
}

result<int64_t> delete_before(database& db, const std::string& target, history_place place,
                              std::size_t at_most) {
  int64_t gone = 0;
  for (int is_message : {0, 1}) {
    auto done =
      db.change(delete_oldest, target, is_message, place.time_ms, place.event_id, at_most);
    if (!done)
      return done;
    gone += *done;
  }
  return gone;
}

result<std::optional<history_place>> latest_kept(database& db, const std::string& target,
                                                 std::size_t keep) {
  return db.row<int64_t, int64_t>(find_kept, target, keep - 1).map([](auto found) {
    return found ? std::optional{std::make_from_tuple<history_place>(*found)} : std::nullopt;
  });
}

result<std::optional<int64_t>> latest_message_ms(database& db, const std::string& target) {
  return db.row<int64_t>(latest_time, target).map([](auto found) {
    return found ? std::optional{std::get<0>(*found)} : std::nullopt;
  });
}

} // namespace hamlet::sql
