// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#ifndef HAMLET_MUTATION
#define HAMLET_MUTATION ""
#endif

/// Promises that a build can be told to break (HAMLET_MUTATION), each in one place of the code. A
/// test of faults that does not fail with one of them proves nothing: tests/faults builds all.
namespace hamlet::mutation {

constexpr std::string_view chosen = HAMLET_MUTATION;
constexpr bool no_fsync = chosen == "no_fsync";
constexpr bool no_blob_fsync = chosen == "no_blob_fsync";
constexpr bool no_dedup = chosen == "no_dedup";
constexpr bool no_resend = chosen == "no_resend";
constexpr bool answer_before_commit = chosen == "answer_before_commit";
constexpr bool quit_rule = chosen == "quit_rule";
constexpr bool no_fence = chosen == "no_fence";
// Of the cluster; tests/cluster builds them, and no_fence.
constexpr bool timeout_is_dead = chosen == "timeout_is_dead";
constexpr bool uid_from_memory = chosen == "uid_from_memory";
constexpr bool no_command_dedup = chosen == "no_command_dedup";
// No promise is broken: it says more than this release knows, as the next one will; tests/upgrade.
constexpr bool next_release = chosen == "next_release";

} // namespace hamlet::mutation
