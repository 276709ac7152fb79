// SPDX-License-Identifier: Apache-2.0
#include "lib/cluster/versions.hpp"

namespace hamlet::cluster {

const std::uint32_t wire_min = 1;
const std::uint32_t wire_max = 1;
const int wire_schema = 8;

} // namespace hamlet::cluster
