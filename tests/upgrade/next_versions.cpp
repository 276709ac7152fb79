// SPDX-License-Identifier: Apache-2.0
// Of the release after this one (or, with HAMLET_LATER, of the one behind that).
#include "lib/cluster/versions.hpp"

#ifndef HAMLET_LATER
#define HAMLET_LATER 0
#endif

namespace hamlet::cluster {

const std::uint32_t wire_min = 1 + HAMLET_LATER; // as lib/cluster/versions.cpp has wire_max
const std::uint32_t wire_max = 2 + HAMLET_LATER;
const int wire_schema = 0; // whatever it is, and one more

} // namespace hamlet::cluster
