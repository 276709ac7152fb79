// SPDX-License-Identifier: Apache-2.0
#include "storage/chat/history_repository.hpp"

#include "storage/chat/history_rows.hpp"
#include "storage/sql/rows.hpp"

#include <algorithm>
#include <iterator>

namespace hamlet::sql {

namespace {

using std::int64_t;
using events = std::vector<chat_event>;

constexpr query find_time = "SELECT time_ms FROM chat_event WHERE event_id = $1 AND target = $2";

constexpr query find_direct = "SELECT target FROM chat_direct WHERE account_id = $1";

/// What a bound leaves out: one event, or all of a millisecond.
struct edge {
  history_place first, last;
  bool is_event;
};

result<edge> edge_of(database& db, const std::string& target, const history_bound& x) {
  if (x.event_id == 0)
    return edge{{x.time_ms, lowest}, {x.time_ms, highest}, false};
  return value(db.row<int64_t>(find_time, x.event_id, target)).map([&](int64_t time_ms) {
    return edge{{time_ms, x.event_id}, {time_ms, x.event_id}, true};
  });
}

result<events> latest_of(database& db, const std::string& target,
                         const std::optional<history_bound>& since, std::size_t limit,
                         history_view view) {
  if (!since)
    return read_history(db, target, {}, limit, history_end::newest, view);
  return edge_of(db, target, *since).and_then([&](const edge& x) {
    return read_history(db, target, {.low = x.last}, limit, history_end::newest, view);
  });
}

result<events> events_between(database& db, const std::string& target, const history_bound& first,
                              const history_bound& second, std::size_t limit, history_view view) {
  auto from = edge_of(db, target, first);
  auto to = edge_of(db, target, second);
  if (!from || !to)
    return tl::unexpected{!from ? from.error() : to.error()};
  return from->first <= to->first
           ? read_history(db, target, {from->last, to->first}, limit, history_end::oldest, view)
           : read_history(db, target, {to->last, from->first}, limit, history_end::newest, view);
}

result<events> events_around(database& db, const std::string& target, const history_bound& bound,
                             std::size_t limit, history_view view) {
  auto at = edge_of(db, target, bound);
  if (!at)
    return tl::unexpected{at.error()};
  auto own = at->is_event ? history_place{at->first.time_ms, at->first.event_id - 1} : at->first;
  auto older = read_history(db, target, {.high = at->first}, limit, history_end::newest, view);
  auto newer = read_history(db, target, {.low = own}, limit, history_end::oldest, view);
  if (!older || !newer)
    return !older ? older : newer;
  auto missing = limit - std::min(limit, older->size());
  auto after = std::min(newer->size(), std::max(limit - limit / 2, missing));
  auto before = std::min(older->size(), limit - after);
  events all{std::make_move_iterator(older->end() - static_cast<std::ptrdiff_t>(before)),
             std::make_move_iterator(older->end())};
  std::move(newer->begin(), newer->begin() + static_cast<std::ptrdiff_t>(after),
            std::back_inserter(all));
  return all;
}

result<std::vector<history_target>> targets_of(database& db, int64_t account_id,
                                               std::vector<std::string> names, int64_t first_ms,
                                               int64_t second_ms, std::size_t limit) {
  auto keep = [&](std::string target) { names.push_back(std::move(target)); };
  if (auto done = db.each<std::string>(find_direct, keep, account_id); !done)
    return tl::unexpected{done.error()};
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  auto [low, high] = std::minmax(first_ms, second_ms);
  std::vector<history_target> found;
  for (auto& name : names) {
    auto time_ms = latest_message_ms(db, name);
    if (!time_ms)
      return tl::unexpected{time_ms.error()};
    if (*time_ms && **time_ms > low && **time_ms < high)
      found.push_back({std::move(name), **time_ms});
  }
  std::ranges::stable_sort(found, {}, &history_target::time_ms);
  auto spare = static_cast<std::ptrdiff_t>(found.size() - std::min(found.size(), limit));
  if (first_ms <= second_ms)
    found.erase(found.end() - spare, found.end());
  else
    found.erase(found.begin(), found.begin() + spare);
  return found;
}

} // namespace

void history_repository::latest(std::string target, std::optional<history_bound> since,
                                std::size_t limit, history_view view, completion<events> done) {
  views_->submit<events>([=](database& db) { return latest_of(db, target, since, limit, view); },
                         std::move(done));
}

void history_repository::before(std::string target, history_bound bound, std::size_t limit,
                                history_view view, completion<events> done) {
  views_->submit<events>(
    [=](database& db) {
      return edge_of(db, target, bound).and_then([&](const edge& x) {
        return read_history(db, target, {.high = x.first}, limit, history_end::newest, view);
      });
    },
    std::move(done));
}

void history_repository::after(std::string target, history_bound bound, std::size_t limit,
                               history_view view, completion<events> done) {
  views_->submit<events>(
    [=](database& db) {
      return edge_of(db, target, bound).and_then([&](const edge& x) {
        return read_history(db, target, {.low = x.last}, limit, history_end::oldest, view);
      });
    },
    std::move(done));
}

void history_repository::between(std::string target, history_bound first, history_bound second,
                                 std::size_t limit, history_view view, completion<events> done) {
  views_->submit<events>(
    [=](database& db) { return events_between(db, target, first, second, limit, view); },
    std::move(done));
}

void history_repository::around(std::string target, history_bound bound, std::size_t limit,
                                history_view view, completion<events> done) {
  views_->submit<events>(
    [=](database& db) { return events_around(db, target, bound, limit, view); }, std::move(done));
}

void history_repository::find(int64_t event_id, completion<chat_event> done) {
  views_->submit<chat_event>(
    [=](database& db) {
      return find_event(db, event_id).and_then([](std::optional<chat_event> x) {
        return x ? result<chat_event>{std::move(*x)} : fail(errc::not_found, "no such event");
      });
    },
    std::move(done));
}

void history_repository::targets(int64_t account_id, std::vector<std::string> channels,
                                 int64_t first_ms, int64_t second_ms, std::size_t limit,
                                 completion<std::vector<history_target>> done) {
  views_->submit<std::vector<history_target>>(
    [=, names = std::move(channels)](database& db) {
      return targets_of(db, account_id, names, first_ms, second_ms, limit);
    },
    std::move(done));
}

} // namespace hamlet::sql
