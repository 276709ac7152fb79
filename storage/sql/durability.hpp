// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/sql/database.hpp"

namespace hamlet::sql {

/// What a COMMIT of this PostgreSQL promises.
struct durability {
  std::string version;
  std::string synchronous_commit;
  std::string standby_names; ///< synchronous_standby_names
  /// That are there now and confirm each COMMIT; -1: the role may not see them.
  std::int64_t standbys = 0;
  /// Ways in which what was acknowledged could be lost, in words for the administrator.
  std::vector<std::string> risks;
};

/// Asks the server, and sets the metrics hamlet_store_synchronous_standbys and
/// hamlet_store_durability_risks.
result<durability> durability_of(database& db);

} // namespace hamlet::sql
