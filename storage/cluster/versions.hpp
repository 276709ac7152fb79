// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/cluster/cluster_repository.hpp"

namespace hamlet::sql {

/// In the caller's transaction. bad_setup: a node lives that has no version of the link in common
/// with this one, or the store was contracted for newer programs.
result<void_t> may_join(database& db, const new_node& self);

/// In the caller's transaction, until whose end nobody joins. bad_setup: names a node that lives
/// and whose program is older than one that speaks `wire_max`. Those that are silent are dead from
/// now on.
result<void_t> no_older_node(database& db, std::int32_t wire_max);

} // namespace hamlet::sql
