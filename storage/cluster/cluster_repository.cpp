// SPDX-License-Identifier: Apache-2.0
#include "storage/cluster/cluster_repository.hpp"

#include "storage/sql/rows.hpp"

#include <algorithm>
#include <array>

namespace hamlet::sql {

namespace {

using namespace cluster;
using std::int64_t;

constexpr query put_beat = //
  "UPDATE node SET heartbeat_at = (SELECT ms FROM store_clock) "
  "WHERE incarnation = $1 AND state <> 'dead'";
constexpr query version_and_time = "SELECT version, ms FROM cluster_view CROSS JOIN store_clock";
constexpr query expired = //
  "SELECT incarnation FROM node WHERE state <> 'dead' "
  "AND heartbeat_at < (SELECT ms FROM store_clock) - $1 ORDER BY incarnation";

constexpr query version = "SELECT version FROM cluster_view";
constexpr query all_nodes = //
  "SELECT node_id, incarnation, name, address, wire_min, wire_max, state FROM node "
  "ORDER BY incarnation";
constexpr query all_shards = //
  "SELECT kind, number, coalesce(owner_incarnation, 0), epoch, coalesce(target_incarnation, 0), "
  "moved_at FROM shard ORDER BY kind, number";

constexpr query put_meta = //
  "INSERT INTO cluster_meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
constexpr query replace_meta = "UPDATE cluster_meta SET value = $3 WHERE name = $1 AND value = $2";
constexpr query find_meta = "SELECT value FROM cluster_meta WHERE name = $1";

constexpr std::array<std::string_view, 4> states{"joining", "up", "draining", "dead"};

node_state state_of(std::string_view text) {
  auto at = std::ranges::find(states, text);
  return at == states.end() ? node_state::dead : static_cast<node_state>(at - states.begin());
}

result<view_ptr> whole_view(database& db, int64_t known) {
  auto at = db.row<int64_t>(version);
  if (!at)
    return tl::unexpected{at.error()};
  if (!*at)
    return fail(errc::store_failed, "the store has no view of the cluster");
  if (std::get<0>(**at) == known)
    return nullptr;
  auto made = std::make_shared<view>();
  made->version = std::get<0>(**at);
  auto keep_node = [&](int64_t id, int64_t born, std::string name, std::string address, int64_t low,
                       int64_t high, std::string state) {
    made->nodes.push_back({id, born, std::move(name), std::move(address),
                           static_cast<std::int32_t>(low), static_cast<std::int32_t>(high),
                           state_of(state)});
  };
  auto keep_shard = [&](int64_t kind, int64_t number, int64_t owner, int64_t epoch, int64_t target,
                        int64_t moved_at) {
    made->shards.push_back({{static_cast<shard_kind>(kind), static_cast<std::int32_t>(number)},
                            owner,
                            epoch,
                            target,
                            moved_at});
  };
  return db
    .each<int64_t, int64_t, std::string, std::string, int64_t, int64_t, std::string>(all_nodes,
                                                                                     keep_node)
    .and_then([&] {
      return db.each<int64_t, int64_t, int64_t, int64_t, int64_t, int64_t>(all_shards, keep_shard);
    })
    .map([&]() -> view_ptr { return made; });
}

} // namespace

void cluster_repository::beat(effect::beat x, instant ttl, completion<event::beat_answered> done) {
  changes_->submit<event::beat_answered>(
    [=](database& db) {
      event::beat_answered said{outcome::refused, x.sent_at, 0, 0, {}};
      return db.change(put_beat, x.me)
        .and_then([&](int64_t changed) {
          said.result = changed == 1 ? outcome::accepted : outcome::refused;
          return db.row<int64_t, int64_t>(version_and_time);
        })
        .and_then([&](auto found) {
          std::tie(said.version, said.now) = *found;
          auto keep = [&](int64_t who) { said.expired.push_back(who); };
          return db.each<int64_t>(expired, keep, ttl.count());
        })
        .map([&] { return std::move(said); });
    },
    std::move(done));
}

void cluster_repository::read(int64_t known, completion<view_ptr> done) {
  views_->submit<view_ptr>([=](database& db) { return whole_view(db, known); }, std::move(done));
}

void cluster_repository::agree(std::string name, std::string value, completion<std::string> done) {
  changes_->submit<std::string>(
    [=](database& db) {
      return db.run(put_meta, name, value)
        .and_then([&] { return db.row<std::string>(find_meta, name); })
        .map([](auto found) { return std::get<0>(*found); });
    },
    std::move(done));
}

void cluster_repository::said(std::string name, completion<std::string> done) {
  views_->submit<std::string>(
    [=](database& db) {
      return db.row<std::string>(find_meta, name).map([](auto found) {
        return found ? std::get<0>(*found) : std::string{};
      });
    },
    std::move(done));
}

void cluster_repository::replace(std::string name, std::string before, std::string value,
                                 completion<void_t> done) {
  changes_->submit<void_t>(
    [=](database& db) {
      return nothing(before.empty() ? db.run(put_meta, name, value)
                                    : db.run(replace_meta, name, before, value));
    },
    std::move(done));
}

} // namespace hamlet::sql
