// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "lib/config/settings.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hamlet::node {

/// What a command gets: the settings, and the words and options behind its name.
struct call {
  const config::settings& settings;
  std::string settings_file; ///< that they came from; empty: all defaults
  std::vector<std::string> words;
  std::vector<std::pair<std::string, std::string>> options; ///< "--role admin"; a flag has ""

  /// The value of an option, if it was given.
  std::optional<std::string> option(std::string_view name) const;
  bool has(std::string_view flag) const { return option(flag).has_value(); }
};

/// One command of the program: "account add ADDRESS".
struct command {
  std::string_view name;      ///< one to three words
  std::string_view arguments; ///< for the help: "ADDRESS [--role ROLE]"
  std::size_t min_words, max_words;
  std::string_view options;  ///< known ones, each followed by '=' (takes a value) or ',' (a flag);
                             ///< "*": all words are its own
  std::string_view doc;      ///< one line
  int (*run)(const call& c); ///< the exit status
};

// Each in the file of its name.
std::span<const command> account_commands();
std::span<const command> chat_commands();
std::span<const command> domain_commands();
std::span<const command> cluster_commands();
std::span<const command> admin_commands();
std::span<const command> config_commands();
std::span<const command> store_commands();
std::span<const command> schema_commands();
std::span<const command> serve_commands();

/// Where the settings are if --config does not say it; empty: nowhere.
std::string default_settings_file();

/// Prints why, and how to go on; the exit status of a command that failed.
int complain(const error& why);

} // namespace hamlet::node
