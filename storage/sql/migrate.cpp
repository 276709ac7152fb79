// SPDX-License-Identifier: Apache-2.0
#include "storage/sql/migrate.hpp"

#include "storage/sql/steps.hpp"

#include <thread>

namespace hamlet::sql {

namespace {

result<bool> has_table(database& db, std::string_view name) {
  constexpr query in_sqlite =
    "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = $1";
  constexpr query in_postgres = "SELECT count(*) FROM pg_class WHERE oid = to_regclass($1)";
  return db.row<std::int64_t>(db.is_postgres() ? in_postgres : in_sqlite, name).map([](auto found) {
    return std::get<0>(*found) > 0;
  });
}

std::string too_new(int at, int floor) {
  auto mine = std::to_string(latest_schema());
  return "the store has schema " + std::to_string(at)
         + " and was contracted for programs that know " + std::to_string(floor)
         + "; this program knows " + mine + ": use a newer hamlet";
}

/// The version inside the transaction of the caller.
result<int> current(database& db) {
  // One node at a time; it may take longer than a statement otherwise is given. But who waits for
  // a table stands in the way of all who come after: others are at work here meanwhile.
  constexpr auto lock = "SET LOCAL statement_timeout = 0; SELECT pg_advisory_xact_lock(7241058); "
                        "SET LOCAL lock_timeout = '2s'";
  if (db.is_postgres())
    if (auto alone = db.script(lock); !alone)
      return tl::unexpected{alone.error()};
  return db
    .run("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)") //
    .and_then([&] { return db.row<std::int64_t>("SELECT max(version) FROM schema_version"); })
    .map([](auto found) { return static_cast<int>(std::get<0>(*found)); });
}

result<bool> one_step(database& db) { // false: there is none left
  auto at = current(db);
  if (!at)
    return tl::unexpected{at.error()};
  if (*at > latest_schema()) // what a newer program has added is nothing to this one
    return may_use(db).map([] { return false; });
  if (*at == latest_schema())
    return false;
  auto& words = db.is_postgres() ? postgres_dialect : sqlite_dialect;
  return db.script(migration(*at + 1, words))
    .and_then([&] { return db.run("INSERT INTO schema_version (version) VALUES ($1)", *at + 1); })
    .map([] { return true; });
}

std::string in_words(std::string_view step, const dialect& words) {
  std::string text{step};
  for (auto [word, meaning] : words.words)
    for (auto at = text.find(word); at != text.npos; at = text.find(word, at + meaning.size()))
      text.replace(at, word.size(), meaning);
  return text;
}

/// What `work` answers, once it is committed. What collides with others is tried again.
template <class F>
auto in_transaction(database& db, F work) -> decltype(work(db)) {
  for (int tries = 0;; ++tries) {
    auto got = db.begin().and_then([&] { return work(db); });
    if (got)
      got = db.commit().map([&] { return *got; });
    auto pause = got ? std::nullopt : db.retry_after(tries);
    if (!got)
      db.rollback();
    if (!pause)
      return got;
    std::this_thread::sleep_for(*pause);
  }
}

} // namespace

int latest_schema() {
  return static_cast<int>(expand_steps().size());
}

std::string migration(int version, const dialect& words) {
  return in_words(expand_steps()[static_cast<std::size_t>(version) - 1], words);
}

result<int> migrate(database& db) {
  for (;;) {
    auto more = in_transaction(db, one_step);
    if (!more)
      return tl::unexpected{more.error()};
    if (!*more)
      return schema_version(db);
  }
}

result<void> may_use(database& db) {
  auto floor = schema_floor(db);
  if (!floor)
    return tl::unexpected{floor.error()};
  if (*floor <= latest_schema())
    return {};
  return schema_version(db).and_then(
    [&](int at) -> result<void> { return fail(errc::bad_setup, too_new(at, *floor)); });
}

int latest_contract() {
  return contract_steps().empty() ? 0 : contract_steps().back().version;
}

result<int> contract(database& db, const std::function<result<void>(database&)>& may) {
  return in_transaction(db, [&](database&) -> result<int> {
    auto at = current(db);
    if (!at)
      return tl::unexpected{at.error()};
    if (*at != latest_schema())
      return fail(errc::bad_setup, "the store has schema " + std::to_string(*at)
                                     + ", this program knows " + std::to_string(latest_schema())
                                     + ": the program that has made it can contract it");
    if (auto allowed = may(db); !allowed)
      return tl::unexpected{allowed.error()};
    auto floor = schema_floor(db);
    auto& words = db.is_postgres() ? postgres_dialect : sqlite_dialect;
    for (auto& step : contract_steps()) {
      if (!floor || step.version <= *floor)
        continue;
      auto done =
        db.script(in_words(step.text, words))
          .and_then([&] {
            return db.script("CREATE TABLE IF NOT EXISTS schema_contract "
                             "(version INTEGER NOT NULL)");
          })
          .and_then([&] {
            return db.run("INSERT INTO schema_contract (version) VALUES ($1)", step.version);
          });
      floor = done.map([&] { return step.version; });
    }
    return floor;
  });
}

result<int> schema_version(database& db) {
  auto there = has_table(db, "schema_version");
  if (!there || !*there)
    return there.map([](bool) { return 0; });
  return db.row<std::int64_t>("SELECT max(version) FROM schema_version").map([](auto found) {
    return static_cast<int>(std::get<0>(*found));
  });
}

result<int> schema_floor(database& db) {
  auto there = has_table(db, "schema_contract");
  if (!there || !*there)
    return there.map([](bool) { return 0; });
  return db.row<std::int64_t>("SELECT max(version) FROM schema_contract").map([](auto found) {
    return static_cast<int>(std::get<0>(*found));
  });
}

} // namespace hamlet::sql
