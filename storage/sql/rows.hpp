// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/sql/database.hpp"

namespace hamlet::sql {

/// The row that must be there: not_found when it is not.
template <class... Columns>
result<std::tuple<Columns...>> needed(result<std::optional<std::tuple<Columns...>>> row) {
  if (!row)
    return tl::unexpected{row.error()};
  if (!*row)
    return fail(errc::not_found);
  return std::move(**row);
}

/// The only column of the row that must be there.
template <class T>
result<T> value(result<std::optional<std::tuple<T>>> row) {
  return needed(std::move(row)).map([](std::tuple<T> x) { return std::move(std::get<0>(x)); });
}

/// The next number of a counter: never given again, whatever is deleted.
inline result<std::int64_t> next_number(database& db, std::string_view counter) {
  static constexpr query take =
    "UPDATE counter SET value = value + 1 WHERE name = $1 RETURNING value";
  return value(db.row<std::int64_t>(take, counter));
}

/// Before it is asked whether a name is free in tables that have no key in common (accounts,
/// aliases, nicks): on PostgreSQL others wait here until this transaction ends.
inline result<void> lock_names(database& db) {
  return db.is_postgres() ? db.run("SELECT pg_advisory_xact_lock(7241059)") : result<void>{};
}

/// Of a statement that changes the one row it names: not_found when there is none.
inline result<void_t> one_changed(result<std::int64_t> rows) {
  if (!rows)
    return tl::unexpected{rows.error()};
  if (*rows == 0)
    return fail(errc::not_found);
  return void_t{};
}

inline result<void_t> nothing(result<void> x) {
  return x.map([] { return void_t{}; });
}

/// Calls `f` with each element until one fails.
template <class Range, class F>
result<void> for_all(const Range& all, F f) {
  for (auto& x : all)
    if (result<void> done = f(x); !done)
      return done;
  return {};
}

} // namespace hamlet::sql
