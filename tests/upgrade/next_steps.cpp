// SPDX-License-Identifier: Apache-2.0
// What this release has, and a step of the next one: columns in the tables that are written most,
// which the program before does not know; and what that program needs, to be taken away.
#include "storage/sql/steps.hpp"

#include <array>

namespace hamlet::sql {

namespace {

constexpr std::string_view expand = R"sql(
ALTER TABLE account ADD COLUMN next_motto %TEXT%;
ALTER TABLE message ADD COLUMN next_flags %INT%;
ALTER TABLE body ADD COLUMN next_origin %TEXT% NOT NULL DEFAULT 'unknown';
ALTER TABLE recipient ADD COLUMN next_try %INT% NOT NULL DEFAULT 0;
ALTER TABLE node ADD COLUMN next_zone %TEXT%;
ALTER TABLE shard ADD COLUMN next_weight %INT% NOT NULL DEFAULT 1;
CREATE TABLE next_table (
  next_id %ID%,
  name    %TEXT% NOT NULL
)%TABLE%;
)sql";

// As when a column has moved, and the old one goes.
constexpr std::string_view contract = R"sql(
ALTER TABLE admin_token RENAME COLUMN sha256 TO digest;
)sql";

constexpr std::string_view before[] = {
#include "migrations.inc"
};

constexpr auto all = [] {
  std::array<std::string_view, std::size(before) + 1> made;
  std::copy(std::begin(before), std::end(before), made.begin());
  made.back() = expand;
  return made;
}();
constexpr contract_step contracts[] = {{static_cast<int>(all.size()), contract}};

} // namespace

std::span<const std::string_view> expand_steps() {
  return all;
}

std::span<const contract_step> contract_steps() {
  return contracts;
}

} // namespace hamlet::sql
