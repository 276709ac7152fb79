// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

// The texts of the migrations, in an object of their own: tests/upgrade links the program with one
// step more.

namespace hamlet::sql {

/// Step N leads to version N + 1. Each only adds what the program before it need not know.
std::span<const std::string_view> expand_steps();

/// Takes away what programs whose schema is older than `version` need.
struct contract_step {
  int version;
  std::string_view text;
};

/// By rising version.
std::span<const contract_step> contract_steps();

} // namespace hamlet::sql
