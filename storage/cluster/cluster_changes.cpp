// SPDX-License-Identifier: Apache-2.0
// What changes the view: each is a compare-and-set.
#include "storage/cluster/cluster_repository.hpp"
#include "storage/cluster/versions.hpp"

namespace hamlet::sql {

namespace {

using namespace cluster;
using std::int64_t;

// Changes of the cluster are made one after the other: who holds this row sees what all before it
// have done, and the numbers of views are in the order of their commits.
constexpr query hold_view = "UPDATE cluster_view SET version = version";
constexpr query next_view = "UPDATE cluster_view SET version = version + 1 RETURNING version";

constexpr query next_incarnation =
  "UPDATE counter SET value = value + 1 WHERE name = 'incarnation' RETURNING value";
constexpr query bury_earlier = //
  "UPDATE node SET state = 'dead' WHERE node_id = $1 AND state <> 'dead'";
constexpr query forget_dead = //
  "DELETE FROM node WHERE state = 'dead' "
  "AND heartbeat_at < (SELECT ms FROM store_clock) - 86400000 AND NOT EXISTS "
  "(SELECT 1 FROM shard WHERE shard.owner_incarnation = node.incarnation)";
constexpr query put_node = //
  "INSERT INTO node (incarnation, node_id, name, address, wire_min, wire_max, state, started_at, "
  "heartbeat_at) SELECT $1, $2, $3, $4, $5, $6, 'up', ms, ms FROM store_clock";

constexpr query count_owned = "SELECT count(*) FROM shard WHERE owner_incarnation = $1";
// A shard that never had an owner has not moved: a new cluster may be balanced at once.
constexpr query take = //
  "UPDATE shard SET owner_incarnation = $1, epoch = epoch + 1, target_incarnation = NULL, "
  "moved_at = CASE WHEN owner_incarnation IS NULL THEN 0 ELSE (SELECT ms FROM store_clock) END "
  "WHERE kind = $2 AND number = $3 AND epoch = $4 AND (owner_incarnation IS NULL OR "
  "owner_incarnation IN (SELECT incarnation FROM node WHERE state = 'dead')) "
  "AND EXISTS (SELECT 1 FROM node WHERE incarnation = $1 AND state = 'up')";
constexpr query give = //
  "UPDATE shard SET owner_incarnation = $1, epoch = epoch + 1, target_incarnation = NULL, "
  "moved_at = (SELECT ms FROM store_clock) "
  "WHERE kind = $2 AND number = $3 AND epoch = $4 AND owner_incarnation = $5 "
  "AND EXISTS (SELECT 1 FROM node WHERE incarnation = $5 AND state <> 'dead') "
  "AND ($1 = $5 OR EXISTS (SELECT 1 FROM node WHERE incarnation = $1 AND state = 'up'))";
constexpr query aim = //
  "UPDATE shard SET target_incarnation = $1 "
  "WHERE kind = $2 AND number = $3 AND epoch = $4 AND owner_incarnation IS NOT NULL";

constexpr query bury_silent = //
  "UPDATE node SET state = 'dead' WHERE incarnation = $1 AND state <> 'dead' "
  "AND heartbeat_at < (SELECT ms FROM store_clock) - $2";
constexpr query drain =
  "UPDATE node SET state = 'draining' WHERE incarnation = $1 AND state = 'up'";
constexpr query bury = "UPDATE node SET state = 'dead' WHERE incarnation = $1 AND state <> 'dead'";

/// A new view if `change` has changed rows.
template <class F>
result<event::change_answered> in_turn(database& db, F change) {
  return db.run(hold_view)
    .and_then([&]() -> result<int64_t> { return change(); })
    .and_then([&](int64_t changed) -> result<event::change_answered> {
      if (changed == 0)
        return event::change_answered{outcome::refused, 0};
      return db.row<int64_t>(next_view).map([](auto at) {
        return event::change_answered{outcome::accepted, std::get<0>(*at)};
      });
    });
}

result<event::join_answered> join_now(database& db, const new_node& self) {
  int64_t born = 0;
  auto enter = [&]() -> result<int64_t> {
    return sql::may_join(db, self)
      .and_then([&](void_t) { return db.row<int64_t>(next_incarnation); })
      .and_then([&](auto found) {
        born = std::get<0>(*found);
        return db.run(bury_earlier, self.node_id);
      })
      .and_then([&] { return db.run(forget_dead); })
      .and_then([&] {
        return db.change(put_node, born, self.node_id, self.name, self.address, self.wire_min,
                         self.wire_max);
      });
  };
  return in_turn(db, enter).map([&](const event::change_answered& x) {
    return event::join_answered{x.result, born, x.version};
  });
}

result<int64_t> claim_now(database& db, const effect::claim& x) {
  auto before = db.row<int64_t>(count_owned, x.me);
  if (!before)
    return tl::unexpected{before.error()};
  for (const auto& w : x.wanted) // told one after the other, and waited for once
    if (auto done =
          db.run(take, x.me, static_cast<std::int32_t>(w.shard.kind), w.shard.number, w.epoch);
        !done)
      return tl::unexpected{done.error()};
  return db.row<int64_t>(count_owned, x.me).map([&](auto after) {
    return std::get<0>(*after) - std::get<0>(**before);
  });
}

result<int64_t> place_now(database& db, const effect::place& x) {
  int64_t changed = 0;
  for (const auto& m : x.moves) {
    auto target = m.to == 0 ? std::nullopt : std::optional{m.to};
    auto done = db.change(aim, target, static_cast<std::int32_t>(m.of.shard.kind),
                          m.of.shard.number, m.of.epoch);
    if (!done)
      return done;
    changed += *done;
  }
  return changed;
}

} // namespace

void cluster_repository::may_join(new_node self, completion<void_t> done) {
  changes_->submit<void_t>([=](database& db) { return sql::may_join(db, self); }, std::move(done));
}

void cluster_repository::join(new_node self, completion<event::join_answered> done) {
  changes_->submit<event::join_answered>([=](database& db) { return join_now(db, self); },
                                         std::move(done));
}

void cluster_repository::claim(effect::claim x, completion<event::change_answered> done) {
  changes_->submit<event::change_answered>(
    [x = std::move(x)](database& db) { return in_turn(db, [&] { return claim_now(db, x); }); },
    std::move(done));
}

void cluster_repository::hand_over(effect::hand_over x, completion<event::change_answered> done) {
  changes_->submit<event::change_answered>(
    [=](database& db) {
      return in_turn(db, [&] {
        return db.change(give, x.to, static_cast<std::int32_t>(x.of.shard.kind), x.of.shard.number,
                         x.of.epoch, x.me);
      });
    },
    std::move(done));
}

void cluster_repository::place(effect::place x, completion<event::change_answered> done) {
  changes_->submit<event::change_answered>(
    [x = std::move(x)](database& db) { return in_turn(db, [&] { return place_now(db, x); }); },
    std::move(done));
}

void cluster_repository::declare_dead(effect::declare_dead x,
                                      completion<event::change_answered> done) {
  changes_->submit<event::change_answered>(
    [=](database& db) {
      return in_turn(db, [&] { return db.change(bury_silent, x.peer, x.age.count()); });
    },
    std::move(done));
}

void cluster_repository::mark_draining(incarnation me, completion<event::change_answered> done) {
  changes_->submit<event::change_answered>(
    [=](database& db) { return in_turn(db, [&] { return db.change(drain, me); }); },
    std::move(done));
}

void cluster_repository::leave(incarnation me, completion<event::leave_answered> done) {
  changes_->submit<event::leave_answered>(
    [=](database& db) {
      return in_turn(db, [&] { return db.change(bury, me); })
        .map([](const event::change_answered& x) { return event::leave_answered{x.result}; });
    },
    std::move(done));
}

} // namespace hamlet::sql
