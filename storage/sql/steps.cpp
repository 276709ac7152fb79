// SPDX-License-Identifier: Apache-2.0
#include "storage/sql/steps.hpp"

#include <vector>

namespace hamlet::sql {

std::span<const std::string_view> expand_steps() {
  static constexpr std::string_view all[] = {
#include "migrations.inc"
  };
  return all;
}

std::span<const contract_step> contract_steps() {
  static const std::vector<contract_step> all{
#include "contracts.inc"
  };
  return all;
}

} // namespace hamlet::sql
