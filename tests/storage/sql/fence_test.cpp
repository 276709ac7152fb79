// SPDX-License-Identifier: Apache-2.0
#include "storage/sql/fence.hpp"
#include "tests/support/held_writer.hpp"

namespace hamlet::sql {

class Fence : public HeldWriter {
protected:
  Fence() {
    change("INSERT INTO node (incarnation, node_id, name, address, wire_min, wire_max, state, "
           "started_at, heartbeat_at) VALUES (7, 1, 'a', 'a:1', 1, 1, 'up', 0, 0), "
           "(8, 2, 'b', 'b:1', 1, 1, 'dead', 0, 0);"
           "UPDATE shard SET owner_incarnation = 7, epoch = 3 WHERE kind = 1 AND number = 5;"
           "UPDATE shard SET owner_incarnation = 8, epoch = 2 WHERE kind = 1 AND number = 6;");
  }

  /// errc::none: the insertion of body `id` under this fence was done.
  errc write(writer& w, const fence& held, std::int64_t id) {
    answer a;
    w.submit<std::int64_t>(held, insert(id), into(a));
    return refusal(a);
  }

  static constexpr fence right{1, 5, 3, 7};
};

TEST_F(Fence, HoldsForTheOwnerAlone) {
  struct {
    const char* who;
    fence held;
    errc expected;
  } cases[] = {
    {"the owner", right, errc::none},
    {"one of an older epoch", {1, 5, 2, 7}, errc::wrong_owner},
    {"one of a later epoch", {1, 5, 4, 7}, errc::wrong_owner},
    {"another node", {1, 5, 3, 9}, errc::wrong_owner},
    {"a node that was declared dead", {1, 6, 2, 8}, errc::wrong_owner},
    {"the owner of another kind", {2, 5, 3, 7}, errc::wrong_owner},
    {"no shard at all", {1, 999, 0, 7}, errc::wrong_owner},
    {"a program that is no node", {}, errc::none},
  };
  writer w{open(), {}, {}};
  std::int64_t id = 0;
  for (auto& x : cases) {
    EXPECT_EQ(write(w, x.held, ++id), x.expected) << x.who;
    auto written = open().row<std::int64_t>("SELECT count(*) FROM body WHERE body_id = $1", id);
    EXPECT_EQ(std::get<0>(**written), x.expected == errc::none ? 1 : 0) << x.who;
  }
}

TEST_F(Fence, HarmsNoNeighbour) {
  answer one, stale, two, again;
  writer w{open(), {}, {}};
  hold(w);
  w.submit<std::int64_t>(lane_key{5}, insert(1), into(one));
  w.submit<std::int64_t>({1, 5, 2, 7}, insert(2), into(stale));
  w.submit<std::int64_t>(right, insert(3), into(two));
  w.submit<std::int64_t>(right, insert(4), into(again));
  release();
  EXPECT_EQ(refusal(one), errc::none);
  EXPECT_EQ(refusal(stale), errc::wrong_owner);
  EXPECT_EQ(refusal(two), errc::none);
  EXPECT_EQ(refusal(again), errc::none);
  EXPECT_EQ(number("SELECT sum(body_id) FROM body"), 8);
}

TEST_F(Fence, AnswersWithTheRefusalOfTheOperationWhenItHolds) {
  writer w{open(), {}, {}};
  EXPECT_EQ(write(w, right, 1), errc::none);
  EXPECT_EQ(write(w, right, 1), errc::already_exists);
}

class PostgresFence : public Fence {};

TEST_F(PostgresFence, MakesATakeoverWaitForATransactionThatIsUnderWay) {
  auto owner = open();
  auto other = open();
  ASSERT_TRUE(owner.begin().has_value());
  ASSERT_TRUE(check(owner, right).has_value());
  ASSERT_TRUE(owner.settle().has_value());
  ASSERT_TRUE(other.script("SET lock_timeout = '20ms'").has_value());
  constexpr query take = "UPDATE shard SET epoch = epoch + 1 WHERE kind = 1 AND number = 5";
  EXPECT_EQ(other.run(take).error().code, errc::busy);
  EXPECT_TRUE(owner.commit().has_value());
  EXPECT_TRUE(other.run(take).has_value());
  ASSERT_TRUE(owner.begin().has_value());
  ASSERT_TRUE(check(owner, right).has_value()); // told: nobody has answered yet
  EXPECT_EQ(owner.commit().error().code, errc::wrong_owner);
}

} // namespace hamlet::sql
