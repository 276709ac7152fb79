// SPDX-License-Identifier: Apache-2.0
#include "storage/maintenance/sweeper.hpp"
#include "tests/storage/maintenance/maintained_store.hpp"

namespace hamlet::sql {

class Sweeper : public MaintainedStore {
protected:
  swept run() {
    return sweep(own, program->blobs,
                 {.now = start + 1000, .unconfirmed_age = 500, .orphan_age = 3600})
      .value();
  }
};

TEST_F(Sweeper, LeavesWhatIsInUse) {
  make_older(large_name());
  auto before = everything();
  auto done = run();
  EXPECT_EQ(done.queued, 0);
  EXPECT_EQ(done.bodies, 0);
  EXPECT_EQ(done.files, 0);
  EXPECT_EQ(everything(), before);
}

TEST_F(Sweeper, DeletesFilesThatNothingRefersTo) {
  remove(alice, {2});
  EXPECT_EQ(run().files, 0); // it is young: its row may be on the way
  auto name = large_name();
  make_older(name);
  large_name(); // a publication of the same bytes renews it
  EXPECT_EQ(run().files, 0);
  make_older(name);
  EXPECT_EQ(run().files, 1);
  EXPECT_EQ(program->blobs.size_of(name).error().code, errc::not_found);
}

TEST_F(Sweeper, DeletesTextsThatNothingRefersTo) {
  constexpr query insert = "INSERT INTO body (body_id, size, bytes) VALUES (77, 1, $1)";
  ASSERT_TRUE(own.run(insert, blob{"x"}).has_value());
  EXPECT_EQ(run().bodies, 1);
  EXPECT_EQ(number("SELECT count(*) FROM body WHERE body_id = 77"), 0);
}

TEST_F(Sweeper, DeletesQueueRowsThatNobodyConfirmed) {
  EXPECT_EQ(run().queued, 0);
  collect(bob);
  EXPECT_EQ(run().queued, 1);
  EXPECT_EQ(number("SELECT count(*) FROM queue"), 0);
}

class SqliteSweeper : public Sweeper {};

TEST_F(SqliteSweeper, TakesNothingWhileABackupKeepsAll) {
  remove(alice, {2});
  auto name = large_name();
  make_older(name);
  auto kept = program->blobs.keep_all().value();
  EXPECT_EQ(run().files, 0);
  kept.reset();
  EXPECT_EQ(run().files, 1);
}

} // namespace hamlet::sql
