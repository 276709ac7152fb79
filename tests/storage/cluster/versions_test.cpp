// SPDX-License-Identifier: Apache-2.0
#include "storage/cluster/versions.hpp"
#include "storage/sql/migrate.hpp"
#include "tests/support/temp_store.hpp"

namespace hamlet {
namespace {

using sql::new_node;

class versions_test : public TempStore {
protected:
  sql::writer changes{open(), {}, [](const error&) {}};
  sql::readers views{one_reader(), 100};
  sql::cluster_repository rows{changes, views};

  static new_node node(std::int64_t id, std::int32_t from, std::int32_t to) {
    return {id, "node" + std::to_string(id), "10.0.0.1:7", from, to};
  }
  result<cluster::event::join_answered> join(new_node x) {
    return wait<cluster::event::join_answered>([&](auto done) { rows.join(x, done); });
  }
  result<void_t> may_join(new_node x) {
    return wait<void_t>([&](auto done) { rows.may_join(x, done); });
  }
  result<void_t> no_older_node(std::int32_t than) {
    return wait<void_t>([&](auto done) {
      changes.submit<void_t>([=](sql::database& db) { return sql::no_older_node(db, than); }, done);
    });
  }
  void age(std::int64_t node_id, int seconds) {
    change("UPDATE node SET heartbeat_at = heartbeat_at - " + std::to_string(seconds * 1'000)
           + " WHERE node_id = " + std::to_string(node_id));
  }
};

TEST_F(versions_test, LetsInWhoHasAVersionInCommonWithAllThatLive) {
  ASSERT_TRUE(join(node(1, 2, 3)).has_value());
  struct {
    std::int32_t from, to;
    bool may;
  } cases[] = {{2, 3, true}, {1, 2, true},  {3, 4, true},  {2, 2, true},
               {1, 9, true}, {1, 1, false}, {4, 5, false}, {0, 1, false}};
  for (auto& x : cases) {
    auto found = may_join(node(2, x.from, x.to));
    EXPECT_EQ(found.has_value(), x.may) << x.from << " to " << x.to;
    if (!found) {
      EXPECT_NE(found.error().detail.find("node1 speaks 2 to 3"), std::string::npos);
    }
  }
  auto refused = join(node(2, 4, 5));
  EXPECT_EQ(refused.error().code, errc::bad_setup);
  EXPECT_TRUE(join(node(2, 3, 4)).has_value());
}

TEST_F(versions_test, AsksNeitherTheDeadNorTheSilentNorItsOwnPast) {
  ASSERT_TRUE(join(node(1, 1, 1)).has_value());
  EXPECT_FALSE(may_join(node(2, 2, 3)).has_value());
  EXPECT_TRUE(may_join(node(1, 2, 3)).has_value());
  age(1, 11); // all were killed: nobody has declared it dead
  EXPECT_TRUE(may_join(node(2, 2, 3)).has_value());
  age(1, -11);
  EXPECT_FALSE(may_join(node(2, 2, 3)).has_value());
  ASSERT_TRUE(join(node(1, 2, 2)).has_value()); // its past is dead
  EXPECT_TRUE(may_join(node(2, 2, 3)).has_value());
}

TEST_F(versions_test, LetsNobodyInWhoseTablesAreGone) {
  auto too_late = std::to_string(sql::latest_schema() + 1);
  change("CREATE TABLE schema_contract (version INTEGER NOT NULL)");
  EXPECT_TRUE(may_join(node(1, 1, 1)).has_value());
  change("INSERT INTO schema_contract (version) VALUES (" + too_late + ")");
  EXPECT_EQ(may_join(node(1, 1, 1)).error().code, errc::bad_setup);
  EXPECT_EQ(join(node(1, 1, 1)).error().code, errc::bad_setup);
}

TEST_F(versions_test, SeesWhoIsOfAnOlderRelease) {
  EXPECT_TRUE(no_older_node(2).has_value());
  ASSERT_TRUE(join(node(1, 1, 2)).has_value());
  EXPECT_TRUE(no_older_node(2).has_value());
  auto refused = no_older_node(3);
  EXPECT_EQ(refused.error().code, errc::bad_setup);
  EXPECT_NE(refused.error().detail.find("node1"), std::string::npos);
}

TEST_F(versions_test, BuriesWhoIsSilentBeforeTheTablesGo) { // it may come back, and write as before
  auto born = join(node(1, 1, 2)).value().born;
  age(1, 11);
  EXPECT_TRUE(no_older_node(3).has_value());
  auto beat = wait<cluster::event::beat_answered>([&](auto done) {
    rows.beat({born, cluster::instant{1}}, cluster::instant{10'000}, done);
  });
  EXPECT_EQ(beat.value().result, cluster::outcome::refused);
}

} // namespace
} // namespace hamlet
