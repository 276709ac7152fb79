// SPDX-License-Identifier: Apache-2.0
#include "storage/sql/migrate.hpp"

namespace hamlet::sql {

namespace {

constexpr std::string_view steps[] = {
#include "migrations.inc"
};

/// The version inside the transaction of the caller.
result<int> current(database& db) {
  // One node at a time; it may take longer than a statement otherwise is given.
  constexpr auto lock = "SET LOCAL statement_timeout = 0; SELECT pg_advisory_xact_lock(7241058)";
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
  if (*at > latest_schema())
    return fail(errc::bad_setup, "the store has schema " + std::to_string(*at)
                                   + ", this program knows up to " + std::to_string(latest_schema())
                                   + ": use a newer hamlet");
  if (*at == latest_schema())
    return false;
  auto& words = db.is_postgres() ? postgres_dialect : sqlite_dialect;
  return db.script(migration(*at + 1, words))
    .and_then([&] { return db.run("INSERT INTO schema_version (version) VALUES ($1)", *at + 1); })
    .map([] { return true; });
}

} // namespace

int latest_schema() {
  return static_cast<int>(std::size(steps));
}

std::string migration(int version, const dialect& words) {
  std::string text{steps[version - 1]};
  for (auto [word, meaning] : words.words)
    for (auto at = text.find(word); at != text.npos; at = text.find(word, at + meaning.size()))
      text.replace(at, word.size(), meaning);
  return text;
}

result<int> migrate(database& db) {
  for (;;) {
    auto more = db.begin().and_then([&] { return one_step(db); });
    if (more)
      more = db.commit().map([&] { return *more; });
    if (!more)
      db.rollback();
    if (!more)
      return tl::unexpected{more.error()};
    if (!*more)
      return latest_schema();
  }
}

result<int> schema_version(database& db) {
  constexpr query in_sqlite =
    "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'schema_version'";
  constexpr query in_postgres =
    "SELECT count(*) FROM pg_class WHERE oid = to_regclass('schema_version')";
  auto there = db.row<std::int64_t>(db.is_postgres() ? in_postgres : in_sqlite);
  if (!there)
    return tl::unexpected{there.error()};
  if (std::get<0>(**there) == 0)
    return 0;
  return db.row<std::int64_t>("SELECT max(version) FROM schema_version").map([](auto found) {
    return static_cast<int>(std::get<0>(*found));
  });
}

} // namespace hamlet::sql
