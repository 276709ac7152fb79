// SPDX-License-Identifier: Apache-2.0
#include "storage/maintenance/move_store.hpp"
#include "tests/storage/maintenance/maintained_store.hpp"

namespace hamlet::sql {

/// From a store of SQLite into a PostgreSQL beside it.
class SqliteMoveStore : public MaintainedStore {
protected:
  result<moved> move() {
    auto texts = blob_store::connect({.conninfo = target.conninfo()}, 2).value();
    return move_store(
      own, program->blobs, to, texts,
      [this](const std::string& what, std::int64_t, std::int64_t) { seen.push_back(what); });
  }

  std::int64_t there(query text) { return std::get<0>(**to.row<std::int64_t>(text)); }

  postgres_database target;
  database to = target.connect();
  std::vector<std::string> seen;
};

TEST_F(SqliteMoveStore, BringsEverything) {
  chat();
  enqueue(mail(20, {alice}, std::string{"it's \\x00 \0 \xff'); --\r\n", 20}));
  change("UPDATE account SET display_name = 'O''Neil \\ \"x\"\n\u00e9 $1 ?' WHERE account_id = 2");
  collect(alice);
  auto before = everything();
  auto done = move();
  ASSERT_TRUE(done.has_value()) << done.error().detail;
  EXPECT_GT(done->tables, 25);
  EXPECT_EQ(done->blobs, 1);
  EXPECT_EQ(there("SELECT count(*) FROM message"), number("SELECT count(*) FROM message"));
  EXPECT_FALSE(is_being_moved(to).value());
  // And it is of use: the same mail, and numbers that go on.
  std::vector<database> views;
  views.push_back(target.connect(true));
  writer changes{target.connect(), {}, {}};
  readers reading{std::move(views), 10};
  auto texts = blob_store::connect({.conninfo = target.conninfo()}, 2).value();
  mailbox_repository boxes{changes, reading, texts};
  for (auto& [name, text] : before) {
    auto account = std::stoll(name);
    auto uid = std::stoll(name.substr(name.rfind('/') + 1));
    auto read = wait<std::string>(
      [&](auto then) { boxes.read(account, inbox_folder, uid, 0, 1 << 20, then); });
    EXPECT_EQ(read.value_or("gone"), text) << name;
  }
  auto name =
    std::get<0>(**to.row<std::string>("SELECT display_name FROM account WHERE account_id = 2"));
  EXPECT_EQ(name, "O'Neil \\ \"x\"\n\u00e9 $1 ?");
}

TEST_F(SqliteMoveStore, GoesOnWhereItBrokeOff) {
  ASSERT_TRUE(own.run("UPDATE queue SET envid = $1", std::string_view{"\xff"}).has_value());
  auto broken = move(); // PostgreSQL takes no text that is none
  ASSERT_FALSE(broken.has_value());
  EXPECT_NE(broken.error().detail.find("queue"), std::string::npos);
  EXPECT_TRUE(is_being_moved(to).value());
  change("UPDATE queue SET envid = ''");
  seen.clear();
  auto done = move();
  ASSERT_TRUE(done.has_value()) << done.error().detail;
  EXPECT_EQ(std::ranges::count(seen, "account"), 0); // it was there already
  EXPECT_EQ(std::ranges::count(seen, "queue"), 1);
  EXPECT_EQ(done->rows, move().error().code == errc::bad_setup ? done->rows : 0); // in use now
}

TEST_F(SqliteMoveStore, GoesOnInTheMiddleOfATable) {
  for (std::int64_t id = 100; id < 1300; ++id)
    ASSERT_TRUE(own
                  .run("INSERT INTO body (body_id, size, bytes) VALUES ($1, 1, $2)", id,
                       blob{std::to_string(id)})
                  .has_value());
  ASSERT_TRUE(to.script("ALTER TABLE body ADD CHECK (body_id < 1100)").has_value());
  ASSERT_FALSE(move().has_value());
  EXPECT_EQ(there("SELECT count(*) FROM body"), 1000);
  ASSERT_TRUE(to.script("ALTER TABLE body DROP CONSTRAINT body_body_id_check").has_value());
  auto done = move();
  ASSERT_TRUE(done.has_value()) << done.error().detail;
  EXPECT_EQ(there("SELECT count(*) FROM body"), number("SELECT count(*) FROM body"));
}

TEST_F(SqliteMoveStore, FindsATableThatIsNotTheSame) {
  ASSERT_TRUE(to.script("CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS "
                        "$$ BEGIN NEW.flags := 1; RETURN NEW; END $$; "
                        "CREATE TRIGGER spoil BEFORE INSERT ON message FOR EACH ROW "
                        "EXECUTE FUNCTION spoil()")
                .has_value());
  auto refused = move();
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, errc::store_failed);
  EXPECT_NE(refused.error().detail.find("message"), std::string::npos);
}

TEST_F(SqliteMoveStore, WantsAnEmptyTarget) {
  ASSERT_TRUE(
    to.script("INSERT INTO domain (name, is_default, created_at) VALUES ('x', 1, 0)").has_value());
  EXPECT_EQ(move().error().code, errc::bad_setup);
}

} // namespace hamlet::sql
