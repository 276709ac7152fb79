// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

/// Promises that a build can be told to break (CMake: HAMLET_MUTATION), each in one place of the
/// code. A test of faults that does not fail with one of them proves nothing.
namespace hamlet::mutation {

constexpr std::string_view chosen = HAMLET_MUTATION;
constexpr bool no_fsync = chosen == "no_fsync";
constexpr bool no_dedup = chosen == "no_dedup";
constexpr bool answer_before_commit = chosen == "answer_before_commit";

} // namespace hamlet::mutation
