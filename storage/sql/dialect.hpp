// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string_view>
#include <utility>

/// All that the engines say differently. A migration is written with these words; a statement needs
/// none of them: it keeps to what both engines take ($1, ON CONFLICT, RETURNING, row values).
namespace hamlet::sql {

struct dialect {
  std::array<std::pair<std::string_view, std::string_view>, 8> words;
};

/// STRICT: a value of the wrong type is refused here as it is there.
constexpr dialect sqlite_dialect{{{
  {"%ID%", "INTEGER PRIMARY KEY"}, // the rowid: rows lie in the order of their numbers
  {"%INT%", "INTEGER"},
  {"%TEXT%", "TEXT"},
  {"%BYTES%", "BLOB"},
  {"%TABLE%", " STRICT"},
  {"%CLUSTERED%", " STRICT, WITHOUT ROWID"}, // rows lie in the order of their key
  {"%POSTGRES%", "--"},                      // a line for that one alone
  {"%CLOCK%", "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"}, // ms since 1970
}}};

constexpr dialect postgres_dialect{{{
  {"%ID%", "BIGINT PRIMARY KEY"},
  {"%INT%", "BIGINT"},
  {"%TEXT%", "TEXT COLLATE \"C\""}, // compares octets, as SQLite does
  {"%BYTES%", "BYTEA"},
  {"%TABLE%", ""},
  {"%CLUSTERED%", ""},
  {"%POSTGRES%", ""},
  {"%CLOCK%", "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)"},
}}};

} // namespace hamlet::sql
