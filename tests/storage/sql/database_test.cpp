// SPDX-License-Identifier: Apache-2.0
#include "storage/sql/database.hpp"
#include "storage/sql/dialect.hpp"
#include "tests/support/temp_store.hpp"

#include <sys/stat.h>

namespace hamlet::sql {

class Database : public TempStore {
protected:
  static unsigned mode(const std::string& file) {
    struct stat seen {};
    return ::stat(file.c_str(), &seen) == 0 ? seen.st_mode & 0777 : 0;
  }
};

class SqliteDatabase : public Database {};

TEST_F(SqliteDatabase, IsForItsOwnerAlone) {
  auto db = open();
  EXPECT_TRUE(db.run("UPDATE counter SET value = 1").has_value());
  for (auto* suffix : {"", "-wal", "-shm"})
    EXPECT_EQ(mode(folder + "/hamlet.db" + suffix), 0600u) << suffix;
}

TEST_F(SqliteDatabase, SaysWhatCannotBeOpened) {
  auto read_only = database::open(folder + "/none.db", database::access::read_only);
  EXPECT_EQ(read_only.error().code, errc::bad_setup);
  EXPECT_FALSE(std::filesystem::exists(folder + "/none.db"));
  auto nowhere = database::open(folder + "/no/folder.db", database::access::read_write);
  EXPECT_EQ(nowhere.error().code, errc::bad_setup);
  EXPECT_NE(nowhere.error().detail.find("/no/folder.db"), std::string::npos);
}

TEST_F(Database, NumbersParametersAsPostgresDoes) {
  auto found = open().row<std::int64_t, std::int64_t, std::int64_t>("SELECT $2, $1, $2", 10, 20);
  EXPECT_EQ(**found, (std::tuple<std::int64_t, std::int64_t, std::int64_t>{20, 10, 20}));
}

TEST_F(Database, TellsNullFromNothing) {
  auto db = open();
  std::optional<std::string_view> none;
  using text = std::optional<std::string>;
  auto found = db.row<text, text, text>("SELECT $1, $2, $3", none, std::string_view{}, blob{});
  EXPECT_FALSE(std::get<0>(**found).has_value());
  EXPECT_EQ(std::get<1>(**found), "");
  EXPECT_EQ(std::get<2>(**found), "");
}

TEST_F(Database, RefusesAValueOfTheWrongType) { // as PostgreSQL does
  auto db = open();
  auto wrong = db.run("INSERT INTO counter (name, value) VALUES ('x', $1)", std::string_view{"y"});
  EXPECT_EQ(wrong.error().code, errc::store_failed);
  EXPECT_FALSE(db.damage().has_value());
}

TEST_F(Database, NamesTheConstraintThatRefuses) {
  auto db = open();
  auto twice = db.run("INSERT INTO counter (name, value) VALUES ('queue', 0)");
  EXPECT_EQ(twice.error().code, errc::already_exists);
  auto nobody = db.run("INSERT INTO mailbox (mailbox_id) VALUES (77)");
  EXPECT_EQ(nobody.error().code, errc::not_found);
}

TEST_F(Database, OnlyReadsWhenToldSo) {
  auto db = open(database::access::read_only);
  EXPECT_FALSE(db.run("UPDATE counter SET value = 1").has_value());
}

TEST_F(Database, LetsTwoProgramsWriteInTurn) {
  // The server and a command of the administrator, each with a connection of its own.
  auto count_to = [this](std::int64_t n) {
    auto db = open();
    for (std::int64_t i = 0; i < n; ++i) {
      ASSERT_TRUE(db.begin().has_value());
      ASSERT_TRUE(db.run("UPDATE counter SET value = value + 1 WHERE name = 'queue'").has_value());
      ASSERT_TRUE(db.commit().has_value());
    }
  };
  std::thread other{count_to, 200};
  count_to(200);
  other.join();
  EXPECT_EQ(number("SELECT value FROM counter WHERE name = 'queue'"), 400);
}

TEST_F(SqliteDatabase, CopiesItselfWhileAnotherWrites) {
  auto db = open();
  auto other = open();
  ASSERT_TRUE(db.script("CREATE TABLE t (x INTEGER, y BLOB); INSERT INTO t "
                        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
                        "WHERE i < 5000) SELECT i, zeroblob(4000) FROM n")
                .has_value());
  int steps = 0;
  auto done = db.copy_to(folder + "/copy.db", [&](std::int64_t at, std::int64_t total) {
    EXPECT_LE(at, total);
    ++steps;
    EXPECT_TRUE(other.run("DELETE FROM t WHERE x = (SELECT max(x) FROM t)").has_value());
  });
  ASSERT_TRUE(done.has_value()) << done.error().detail;
  EXPECT_GT(steps, 2);
  auto copy = database::open(folder + "/copy.db", database::access::read_write).value();
  EXPECT_EQ(std::get<0>(**copy.row<std::int64_t>("SELECT count(*) FROM t")), 5000);
  EXPECT_EQ(std::get<0>(**copy.row<std::string>("PRAGMA integrity_check")), "ok");
  EXPECT_EQ(mode(folder + "/copy.db"), 0600u);
  EXPECT_EQ(db.copy_to(folder + "/copy.db", {}).error().code, errc::bad_setup); // never over one
}

TEST_F(SqliteDatabase, KeepsAsManyPagesAsItIsTold) {
  auto db = open();
  ASSERT_TRUE(db.set_cache(2048).has_value());
  EXPECT_EQ(std::get<0>(**db.row<std::int64_t>("PRAGMA cache_size")), -2048);
}

} // namespace hamlet::sql
