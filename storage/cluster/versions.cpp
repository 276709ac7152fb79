// SPDX-License-Identifier: Apache-2.0
#include "storage/cluster/versions.hpp"

#include "storage/sql/migrate.hpp"

namespace hamlet::sql {

namespace {

using std::int64_t;

// Silent for longer than the TTL of a heartbeat: nobody has declared it dead yet, for want of
// others.
constexpr query first_stranger = //
  "SELECT name, wire_min, wire_max FROM node WHERE state <> 'dead' AND node_id <> $1 "
  "AND (wire_max < $2 OR wire_min > $3) "
  "AND heartbeat_at >= (SELECT ms FROM store_clock) - 10000 ORDER BY incarnation LIMIT 1";
constexpr query bury_silent = //
  "UPDATE node SET state = 'dead' WHERE state <> 'dead' "
  "AND heartbeat_at < (SELECT ms FROM store_clock) - 10000";
constexpr query next_view = "UPDATE cluster_view SET version = version + 1"; // and holds the row
constexpr query first_older =                                                //
  "SELECT name, wire_min, wire_max FROM node WHERE state <> 'dead' AND wire_max < $1 "
  "ORDER BY incarnation LIMIT 1";

std::string span_of(int64_t from, int64_t to) {
  return std::to_string(from) + " to " + std::to_string(to);
}

} // namespace

result<void_t> may_join(database& db, const new_node& self) {
  auto usable = may_use(db);
  if (!usable)
    return tl::unexpected{usable.error()};
  return db
    .row<std::string, int64_t, int64_t>(first_stranger, self.node_id, self.wire_min, self.wire_max)
    .and_then([&](auto found) -> result<void_t> {
      if (!found)
        return void_t{};
      auto& [name, from, to] = *found;
      return fail(errc::bad_setup,
                  "this program speaks versions " + span_of(self.wire_min, self.wire_max)
                    + " of the link between nodes, and " + name + " speaks " + span_of(from, to)
                    + ": upgrade one release at a time, all nodes of the cluster");
    });
}

result<void_t> no_older_node(database& db, std::int32_t wire_max) {
  return db.run(next_view)
    .and_then([&] { return db.run(bury_silent); })
    .and_then([&] { return db.row<std::string, int64_t, int64_t>(first_older, wire_max); })
    .and_then([&](auto found) -> result<void_t> {
      if (!found)
        return void_t{};
      auto& [name, from, to] = *found;
      return fail(errc::bad_setup, "the program of " + name
                                     + " is of an older release (it speaks versions "
                                     + span_of(from, to) + " of the link, this one up to "
                                     + std::to_string(wire_max) + "): upgrade it, or stop it");
    });
}

} // namespace hamlet::sql
