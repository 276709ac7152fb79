// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/sql/database.hpp"
#include "storage/sql/dialect.hpp"

namespace hamlet::sql {

/// The version that this program's statements are written for.
int latest_schema();

/// The text of the step to `version` (1 … latest) in the words of an engine.
std::string migration(int version, const dialect& words);

/// Brings the store to `latest_schema()` and answers with it: each missing step is a transaction.
/// Two programs at once do each step once. bad_setup: a newer program wrote the store.
result<int> migrate(database& db);

/// The version of the store, 0 for an empty one; changes nothing.
result<int> schema_version(database& db);

} // namespace hamlet::sql
