// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/sql/rows.hpp"

/// What the files of this folder share.
namespace hamlet::sql {

/// Whether one more fits. `counted`: how many there are, and how many of these would be replaced.
inline result<void>
has_room(const result<std::optional<std::tuple<std::int64_t, std::int64_t>>>& counted,
         std::size_t at_most) {
  if (!counted)
    return tl::unexpected{counted.error()};
  auto [all, same] = counted->value_or(std::tuple{0, 0});
  if (same == 0 && all >= static_cast<std::int64_t>(at_most))
    return fail(errc::over_quota, "there are as many as there may be");
  return {};
}

/// An account in a column that may be NULL; 0: none.
inline std::optional<std::int64_t> account_or_null(std::int64_t account_id) {
  return account_id == 0 ? std::nullopt : std::optional{account_id};
}

} // namespace hamlet::sql
