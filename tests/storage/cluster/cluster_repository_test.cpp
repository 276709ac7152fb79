// SPDX-License-Identifier: Apache-2.0
#include "storage/cluster/cluster_repository.hpp"
#include "tests/support/temp_store.hpp"

#include <thread>

namespace hamlet {
namespace {

using namespace cluster;

constexpr shard_id box{shard_kind::mailbox, 3};

/// Two connections, as of two nodes.
class cluster_repository_test : public TempStore {
protected:
  struct side {
    side(sql::database write, std::vector<sql::database> read)
        : changes{std::move(write), {}, [](const error&) {}}, views{std::move(read), 100},
          rows{changes, views} {}
    sql::writer changes;
    sql::readers views;
    sql::cluster_repository rows;
  };
  side one{open(), one_reader()};
  side two{open(), one_reader()};

  incarnation join(side& x, std::int64_t node_id) {
    return wait<event::join_answered>([&](auto done) {
             x.rows.join({node_id, "host", "10.0.0.1:7", 1, 2}, done);
           })
      .value()
      .born;
  }
  view_ptr look(std::int64_t known = -1) {
    return wait<view_ptr>([&](auto done) { one.rows.read(known, done); }).value();
  }
  outcome claim(side& x, incarnation me, std::vector<reign> wanted) {
    return changed([&](auto done) { x.rows.claim({me, std::move(wanted)}, done); });
  }
  outcome hand(side& x, incarnation me, const reign& of, incarnation to) {
    return changed([&](auto done) { x.rows.hand_over({me, of, to}, done); });
  }
  outcome dead(side& x, incarnation peer, int seconds) {
    return changed([&](auto done) { x.rows.declare_dead({peer, instant{seconds * 1'000}}, done); });
  }
  event::beat_answered beat(side& x, incarnation me) {
    return wait<event::beat_answered>([&](auto done) {
             x.rows.beat({me, instant{77}}, instant{10'000}, done);
           })
      .value();
  }
  template <class F>
  outcome changed(F call) {
    return wait<event::change_answered>(call).value().result;
  }
  /// As if so much time had passed for its heartbeat.
  void age(incarnation who, int seconds) {
    change("UPDATE node SET heartbeat_at = heartbeat_at - " + std::to_string(seconds * 1'000)
           + " WHERE incarnation = " + std::to_string(who));
  }
};

TEST_F(cluster_repository_test, HasTwoHundredAndFiftySixShardsOfEachKindWithoutOwners) {
  auto seen = look();
  ASSERT_EQ(seen->shards.size(), 6U * 256);
  EXPECT_EQ(seen->shards.front(), (shard{{shard_kind::mailbox, 0}}));
  EXPECT_EQ(seen->shards.back().id, (shard_id{shard_kind::session, 255}));
  EXPECT_TRUE(std::ranges::is_sorted(seen->shards, {}, &shard::id));
}

TEST_F(cluster_repository_test, GivesEachStartANewIncarnationAndBuriesTheOneBefore) {
  auto a = join(one, 1);
  auto b = join(two, 2);
  auto again = join(one, 1);
  EXPECT_LT(a, b);
  EXPECT_LT(b, again);
  auto seen = look();
  EXPECT_FALSE(seen->alive(a));
  EXPECT_TRUE(seen->takes(b));
  ASSERT_TRUE(seen->takes(again));
  EXPECT_EQ(*seen->find(again), (node{1, again, "host", "10.0.0.1:7", 1, 2, node_state::up}));
}

TEST_F(cluster_repository_test, ReadsAViewOnlyIfItIsNew) {
  join(one, 1);
  auto seen = look();
  EXPECT_EQ(look(seen->version), nullptr);
  join(two, 2);
  EXPECT_GT(look(seen->version)->version, seen->version);
}

TEST_F(cluster_repository_test, BeatsWithoutANewViewAndTellsWhoIsSilent) {
  auto a = join(one, 1);
  auto b = join(two, 2);
  auto before = look()->version;
  age(b, 11);
  auto said = beat(one, a);
  EXPECT_EQ(said.result, outcome::accepted);
  EXPECT_EQ(said.sent_at, instant{77});
  EXPECT_EQ(said.version, before);
  EXPECT_EQ(said.expired, std::vector{b});
  EXPECT_NEAR(static_cast<double>(said.now), 1e3 * static_cast<double>(time(nullptr)), 6e4);
  beat(two, b);
  EXPECT_TRUE(beat(one, a).expired.empty());
}

TEST_F(cluster_repository_test, RefusesABeatOfTheDead) {
  auto a = join(one, 1);
  join(two, 1);
  EXPECT_EQ(beat(one, a).result, outcome::refused);
  EXPECT_EQ(beat(one, 99).result, outcome::refused);
}

TEST_F(cluster_repository_test, GivesAShardToOneOfTwoWhoClaimItAtOnce) {
  auto a = join(one, 1);
  auto b = join(two, 2);
  for (std::int32_t n = 0; n < 20; ++n) {
    reign wanted{{shard_kind::mailbox, n}, 0};
    auto other = std::async(std::launch::async, [&] { return claim(two, b, {wanted}); });
    auto mine = claim(one, a, {wanted});
    EXPECT_NE(mine == outcome::accepted, other.get() == outcome::accepted);
    EXPECT_EQ(look()->find(wanted.shard)->epoch, 1);
  }
}

TEST_F(cluster_repository_test, ClaimsOnlyFromTheDeadAndOnlyForTheLiving) {
  auto a = join(one, 1);
  auto b = join(two, 2);
  EXPECT_EQ(claim(one, a, {{box, 0}}), outcome::accepted);
  EXPECT_EQ(look()->find(box)->moved_at, 0); // it had no owner before
  EXPECT_EQ(claim(two, b, {{box, 1}}), outcome::refused);
  age(a, 4);
  EXPECT_EQ(dead(two, a, 3), outcome::accepted);
  EXPECT_EQ(claim(two, b, {{box, 0}}), outcome::refused); // of an old epoch
  EXPECT_EQ(claim(two, b, {{box, 1}}), outcome::accepted);
  auto seen = look();
  EXPECT_EQ(seen->find(box)->owner, b);
  EXPECT_EQ(seen->find(box)->epoch, 2);
  EXPECT_GT(seen->find(box)->moved_at, 0);
  EXPECT_EQ(claim(one, a, {{{shard_kind::mailbox, 4}, 0}}), outcome::refused);
}

TEST_F(cluster_repository_test, ClaimsMany) {
  auto a = join(one, 1);
  std::vector<reign> all;
  auto seen = look();
  for (const auto& x : seen->shards)
    all.push_back({x.id, 0});
  EXPECT_EQ(claim(one, a, all), outcome::accepted);
  seen = look();
  for (const auto& x : seen->shards)
    EXPECT_EQ(x.owner, a);
}

TEST_F(cluster_repository_test, CallsNobodyDeadWhoseHeartBeats) {
  auto a = join(one, 1);
  join(two, 2);
  age(a, 2);
  EXPECT_EQ(dead(two, a, 3), outcome::refused);
  age(a, 2);
  auto other = std::async(std::launch::async, [&] { return dead(two, a, 3); });
  auto mine = dead(one, a, 3);
  EXPECT_NE(mine == outcome::accepted, other.get() == outcome::accepted);
  EXPECT_EQ(dead(two, a, 3), outcome::refused); // it is dead already
}

TEST_F(cluster_repository_test, MakesNoNewViewWhenItRefuses) {
  auto a = join(one, 1);
  auto before = look()->version;
  dead(two, a, 3);
  claim(two, 99, {{box, 0}});
  hand(two, a, {box, 5}, a);
  EXPECT_EQ(look()->version, before);
}

TEST_F(cluster_repository_test, HandsOverOnceToANodeThatIsUp) {
  auto a = join(one, 1);
  auto b = join(two, 2);
  claim(one, a, {{box, 0}});
  EXPECT_EQ(hand(two, b, {box, 1}, b), outcome::refused); // it is not b's to give
  EXPECT_EQ(hand(one, a, {box, 1}, 99), outcome::refused);
  EXPECT_EQ(hand(one, a, {box, 1}, b), outcome::accepted);
  EXPECT_EQ(hand(one, a, {box, 1}, b), outcome::refused);
  EXPECT_EQ(hand(two, b, {box, 2}, b), outcome::accepted); // a new epoch for itself
  EXPECT_EQ(look()->find(box)->epoch, 3);
  EXPECT_EQ(changed([&](auto done) { one.rows.mark_draining(a, done); }), outcome::accepted);
  EXPECT_EQ(hand(two, b, {box, 3}, a), outcome::refused);
}

TEST_F(cluster_repository_test, AHandoverAndATakeoverCannotBothWin) {
  auto a = join(one, 1);
  auto b = join(two, 2);
  auto c = join(two, 3);
  for (std::int32_t n = 0; n < 10; ++n) {
    reign of{{shard_kind::channel, n}, 1};
    claim(one, a, {{of.shard, 0}});
    if (n == 0)
      age(a, 5);
    auto other = std::async(std::launch::async, [&] {
      return n == 9 ? (dead(two, a, 3), claim(two, c, {of})) : claim(two, c, {of});
    });
    auto mine = hand(one, a, of, b);
    auto theirs = other.get();
    EXPECT_NE(mine == outcome::accepted, theirs == outcome::accepted) << n;
    EXPECT_EQ(look()->find(of.shard)->epoch, 2);
  }
}

TEST_F(cluster_repository_test, PlacesOfAnOldPlanAreNotCarriedOut) {
  auto a = join(one, 1);
  auto b = join(two, 2);
  claim(one, a, {{box, 0}});
  auto place = [&](std::int64_t epoch, incarnation to) {
    return changed([&](auto done) { one.rows.place({{{{box, epoch}, to}}}, done); });
  };
  EXPECT_EQ(place(0, b), outcome::refused);
  EXPECT_EQ(place(1, b), outcome::accepted);
  EXPECT_EQ(look()->find(box)->target, b);
  EXPECT_EQ(place(1, 0), outcome::accepted);
  EXPECT_EQ(look()->find(box)->target, 0);
}

TEST_F(cluster_repository_test, LeavesByItsOwnWordAndItsShardsAreFree) {
  auto a = join(one, 1);
  auto b = join(two, 2);
  claim(one, a, {{box, 0}});
  auto leave = [&] {
    return wait<event::leave_answered>([&](auto done) { one.rows.leave(a, done); }).value().result;
  };
  EXPECT_EQ(leave(), outcome::accepted);
  EXPECT_EQ(leave(), outcome::refused);
  EXPECT_EQ(claim(two, b, {{box, 1}}), outcome::accepted);
}

TEST_F(cluster_repository_test, ForgetsTheDeadOfYesterdayWhomNoShardNames) {
  auto a = join(one, 1);
  auto b = join(two, 2);
  claim(one, a, {{box, 0}});
  age(a, 90'000);
  age(b, 90'000);
  dead(one, a, 3);
  dead(one, b, 3);
  join(one, 3);
  EXPECT_NE(look()->find(a), nullptr); // the shard is still under its name
  EXPECT_EQ(look()->find(b), nullptr);
}

TEST_F(cluster_repository_test, TheFenceOfAnOldOwnerDoesNotHold) {
  auto a = join(one, 1);
  auto b = join(two, 2);
  claim(one, a, {{box, 0}});
  auto write = [&](side& x, const sql::fence& f) {
    return wait<void_t>([&](auto done) {
      x.changes.submit<void_t>(
        f, [](sql::database&) -> result<void_t> { return void_t{}; }, done);
    });
  };
  EXPECT_TRUE(write(one, {1, 3, 1, a}).has_value());
  age(a, 4);
  dead(two, a, 3);
  EXPECT_EQ(write(one, {1, 3, 1, a}).error().code, errc::wrong_owner); // before anybody claims
  claim(two, b, {{box, 1}});
  EXPECT_EQ(write(one, {1, 3, 1, a}).error().code, errc::wrong_owner);
  EXPECT_TRUE(write(two, {1, 3, 2, b}).has_value());
}

TEST_F(cluster_repository_test, AgreesOnceAndForAll) {
  auto agree = [&](side& x, std::string value) {
    return wait<std::string>([&](auto done) { x.rows.agree("name", value, done); }).value();
  };
  EXPECT_EQ(agree(one, "elsinore"), "elsinore");
  EXPECT_EQ(agree(two, "wittenberg"), "elsinore");
}

TEST_F(cluster_repository_test, ReplacesWhatIsAsItWasRead) {
  auto said = [&](side& x) {
    return wait<std::string>([&](auto done) { x.rows.said("name", done); }).value();
  };
  auto replace = [&](side& x, std::string before, std::string value) {
    auto done = wait<void_t>([&](auto then) { x.rows.replace("name", before, value, then); });
    EXPECT_TRUE(done.has_value());
  };
  EXPECT_EQ(said(one), "");
  replace(one, "", "elsinore");
  replace(two, "", "wittenberg"); // too late: it has not read the former
  EXPECT_EQ(said(two), "elsinore");
  replace(two, "elsinore", "wittenberg");
  replace(one, "elsinore", "paris");
  EXPECT_EQ(said(one), "wittenberg");
}

} // namespace
} // namespace hamlet
