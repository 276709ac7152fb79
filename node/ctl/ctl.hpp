// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace hamlet::ctl {

/// The exit status of a command.
enum class exit : int {
  done = 0,
  failed = 1,
  wrong_usage = 2,
  not_reached = 3, ///< no server there, or it did not answer
  not_allowed = 4, ///< nobody we know, or without the role
  not_found = 5,
  in_the_way = 6, ///< it is there already, or something else forbids it
};

/// Runs `hamlet ctl WORDS…`. @param socket Of the node on this machine.
/// @return The exit status.
int run(const std::vector<std::string>& words, const std::string& socket);

} // namespace hamlet::ctl
