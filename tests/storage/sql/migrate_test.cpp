// SPDX-License-Identifier: Apache-2.0
#include "lib/cluster/versions.hpp"
#include "storage/sql/migrate.hpp"
#include "tests/support/temp_store.hpp"

namespace hamlet::sql {

class Migrate : public TempStore {
protected:
  /// A connection to a store without tables: the same one each time.
  database fresh() const {
    if (empty)
      return empty->connect();
    return database::open(folder + "/fresh.db", database::access::read_write).value();
  }

  std::int64_t tables(database& db) const {
    auto found =
      on_postgres()
        ? db.row<std::int64_t>("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        : db.row<std::int64_t>("SELECT count(*) FROM sqlite_schema");
    return std::get<0>(**found);
  }

  std::optional<postgres_database> empty = [this] {
    return on_postgres() ? std::make_optional<postgres_database>("template1") : std::nullopt;
  }();
};

TEST_F(Migrate, BringsAnEmptyStoreToTheLatestVersion) {
  auto db = fresh();
  EXPECT_EQ(schema_version(db).value(), 0);
  EXPECT_EQ(migrate(db).value(), latest_schema());
  EXPECT_EQ(schema_version(db).value(), latest_schema());
  EXPECT_EQ(migrate(db).value(), latest_schema()); // again: nothing to do
  EXPECT_GE(latest_schema(), 1);
}

TEST_F(Migrate, LeavesAStoreAsANewerProgramHasMadeIt) {
  auto db = fresh();
  ASSERT_TRUE(migrate(db).has_value());
  ASSERT_TRUE(db.run("INSERT INTO schema_version (version) VALUES (77)").has_value());
  EXPECT_EQ(migrate(db).value(), 77);
  EXPECT_TRUE(may_use(db).has_value());
  EXPECT_EQ(schema_floor(db).value(), 0);
}

TEST_F(Migrate, RefusesAStoreThatANewerProgramHasContracted) {
  auto db = fresh();
  ASSERT_TRUE(migrate(db).has_value());
  ASSERT_TRUE(db.script("INSERT INTO schema_version (version) VALUES (77);"
                        "CREATE TABLE schema_contract (version INTEGER NOT NULL);"
                        "INSERT INTO schema_contract (version) VALUES (76)")
                .has_value());
  for (auto refused : {migrate(db).map([](int) {}), may_use(db)}) {
    EXPECT_EQ(refused.error().code, errc::bad_setup);
    EXPECT_NE(refused.error().detail.find("77"), std::string::npos);
    EXPECT_NE(refused.error().detail.find("76"), std::string::npos);
  }
  EXPECT_TRUE(db.in_autocommit());
  auto contracted = contract(db, [](database&) -> result<void> { return {}; });
  EXPECT_EQ(contracted.error().code, errc::bad_setup);
  EXPECT_TRUE(db.in_autocommit());
}

TEST_F(Migrate, ContractsOnlyWhenNobodyNeedsWhatGoes) {
  auto db = fresh();
  ASSERT_TRUE(migrate(db).has_value());
  auto refused = contract(db, [](database&) -> result<void> { return fail(errc::bad_setup); });
  EXPECT_EQ(refused.error().code, errc::bad_setup);
  EXPECT_TRUE(db.in_autocommit());
  EXPECT_EQ(contract(db, [](database&) -> result<void> { return {}; }).value(), latest_contract());
  EXPECT_EQ(schema_floor(db).value(), latest_contract());
}

TEST_F(Migrate, IsOfARelease) { // a node's age is told by what it speaks
  EXPECT_EQ(latest_schema(), cluster::wire_schema)
    << "lib/cluster/versions.cpp: another schema, and if the last release is out, another version";
}

TEST_F(Migrate, TakesAStepWholeOrNotAtAll) {
  auto db = fresh();
  ASSERT_TRUE(db.script("CREATE TABLE recipient (in_the_way INTEGER)").has_value());
  EXPECT_FALSE(migrate(db).has_value());
  EXPECT_TRUE(db.in_autocommit());
  EXPECT_EQ(schema_version(db).value(), 0);
  EXPECT_EQ(tables(db), 1); // not half of them
}

TEST_F(Migrate, IsDoneOnceWhenTwoProgramsStart) {
  (void)fresh();
  auto start = [this] {
    auto db = fresh();
    EXPECT_EQ(migrate(db).value(), latest_schema());
  };
  std::thread other{start};
  start();
  other.join();
  auto db = fresh();
  auto rows = db.row<std::int64_t>("SELECT count(*) FROM schema_version");
  EXPECT_EQ(std::get<0>(**rows), latest_schema());
}

TEST_F(Migrate, LeavesNoWordUntranslated) {
  for (auto& words : {sqlite_dialect, postgres_dialect})
    for (int version = 1; version <= latest_schema(); ++version)
      EXPECT_EQ(migration(version, words).find('%'), std::string::npos);
}

} // namespace hamlet::sql
