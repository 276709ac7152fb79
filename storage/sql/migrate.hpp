// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/sql/database.hpp"
#include "storage/sql/dialect.hpp"

#include <functional>

namespace hamlet::sql {

/// The version that this program's statements are written for.
int latest_schema();

/// The text of the step to `version` (1 … latest) in the words of an engine.
std::string migration(int version, const dialect& words);

/// Brings the store to `latest_schema()`: each missing step is a transaction, and two programs at
/// once do each step once. A store that a newer program has brought further stays as it is: steps
/// only add. @return the version of the store. bad_setup: see may_use().
result<int> migrate(database& db);

/// bad_setup: the store was contracted, and this program needs what is gone.
result<void> may_use(database& db);

/// The version of the store, 0 for an empty one; changes nothing.
result<int> schema_version(database& db);

/// The oldest schema whose programs may use the store: it grows with each contract step.
result<int> schema_floor(database& db);

/// The last contract step of this program; 0: it has none.
int latest_contract();

/// Makes the contract steps that are missing, in one transaction. @param may Is asked in it:
/// does nobody live who needs what goes? @return the new floor.
result<int> contract(database& db, const std::function<result<void>(database&)>& may);

} // namespace hamlet::sql
