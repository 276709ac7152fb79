// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "node/ctl/verbs.hpp"

#include <iosfwd>
#include <string>

namespace hamlet::ctl {

/// "accounts create ADDRESS [--display-name …] [--role …]"
std::string usage_of(const verb& x);

/// The commands of a group; of all groups if it is empty. @return Whether there are any.
bool list_verbs(std::ostream& to, const std::string& group);

void help(std::ostream& to, const std::string& group = {});

/// "display_name" -> "display-name"
std::string option_of(std::string_view field);

} // namespace hamlet::ctl
