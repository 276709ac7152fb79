// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

namespace hamlet::ctl {

/// A daily command: one method, its words and options as fields.
struct verb {
  std::string_view name;    ///< "accounts create"
  std::string_view method;  ///< "Accounts/Create"
  std::string_view fields;  ///< of its words, in their order: "address role"
  std::string_view options; ///< fields that are options: "display_name role"
  std::string_view secret;  ///< field that is asked for, or read from standard input; may be empty
  std::string_view columns; ///< of a table; empty: all
  std::string_view confirm; ///< what is asked before it is done; empty: nothing
  std::string_view doc;
};

std::span<const verb> verbs();

} // namespace hamlet::ctl
