// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "node/ctl/connection.hpp"
#include "node/ctl/print.hpp"

#include <map>

namespace hamlet::ctl {

/// What stands behind `hamlet ctl`, in order.
struct command_line {
  target to;
  format as = format::table;
  std::vector<std::string> words;             ///< without options
  std::map<std::string, std::string> options; ///< those of a verb: "display-name"
  std::string request_id;
  bool is_help = false;
  bool only_validates = false;
  bool is_sure = false; ///< --yes
};

/// errc::bad_request: an option without its value, or a value that is none.
/// @param flags Names of options of verbs that take no value.
result<command_line> read_words(const std::vector<std::string>& words, const std::string& socket);

/// The lines of the help about the options of all commands.
std::string_view options_help();

} // namespace hamlet::ctl
