// SPDX-License-Identifier: Apache-2.0
#include "lib/cluster/versions.hpp"
#include "node/command.hpp"
#include "node/open_store.hpp"
#include "storage/cluster/versions.hpp"
#include "storage/sql/migrate.hpp"

#include <iostream>

namespace hamlet::node {

namespace {

/// Changes nothing, whatever the store's schema is.
int show_schema(const call& c) {
  auto db = connect_store(c.settings);
  if (!db)
    return complain(db.error());
  auto at = sql::schema_version(*db);
  auto floor = sql::schema_floor(*db);
  if (!at || !floor)
    return complain(at ? floor.error() : at.error());
  std::cout << "The store has schema " << *at << ", this program " << sql::latest_schema()
            << " (versions " << cluster::wire_min << " to " << cluster::wire_max
            << " of the link).\n";
  if (*floor > 0)
    std::cout << "It was contracted: programs with a schema before " << *floor
              << " cannot use it.\n";
  if (sql::latest_contract() > *floor)
    std::cout << "`hamlet schema contract` takes away what programs with a schema before "
              << sql::latest_contract() << " need.\n";
  return 0;
}

int contract_schema(const call& c) {
  if (c.settings.cluster.node.value == 0)
    if (auto alone = lock_folder(c.settings); !alone)
      return complain({errc::bad_setup, alone.error().detail + ": stop it first"});
  return with_store(c, [](store& s) {
    auto db = s.connect();
    if (!db)
      return complain(db.error());
    auto before = sql::schema_floor(*db);
    auto floor = sql::contract(*db, [](sql::database& in) -> result<void> {
      return sql::no_older_node(in, static_cast<std::int32_t>(cluster::wire_max)).map([](void_t) {
      });
    });
    if (!before || !floor)
      return complain(floor ? before.error() : floor.error());
    if (*floor == *before)
      std::cout << "There is nothing to take away.\n";
    else
      std::cout << "Contracted: programs with a schema before " << *floor
                << " cannot use this store any more.\n";
    return 0;
  });
}

constexpr command commands[] = {
  {"schema show", "", 0, 0, "", "How old the store's tables are, and what this program wants.",
   show_schema},
  {"schema contract", "", 0, 0, "",
   "Takes away what only older releases need: no way back to them.", contract_schema},
};

} // namespace

std::span<const command> schema_commands() {
  return commands;
}

} // namespace hamlet::node
