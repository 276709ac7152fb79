// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

// What tells two releases apart whose nodes meet in one cluster. They stand in an object of their
// own: tests/upgrade links the program with others.

namespace hamlet::cluster {

/// What a node may say to others. It grows by one with each release that says more than the last
/// one, or whose schema is another; the lowest one is that of the release before. So `wire_max` in
/// the table of nodes tells how old the program of a node is.
extern const std::uint32_t wire_min;
extern const std::uint32_t wire_max;

/// The schema of the release that speaks `wire_max`: a step more wants a version more, if that
/// release is out already.
extern const int wire_schema;

} // namespace hamlet::cluster
