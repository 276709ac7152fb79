// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tl/expected.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace hamlet::config {

/// Both count from 1.
struct position {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
};

struct member;

/// A value of a TOML file and where it stands.
struct tree {
  /// Floating-point numbers, dates and times: no setting is one.
  struct other {};
  using list = std::vector<tree>;
  using table = std::vector<member>;

  std::variant<other, bool, std::int64_t, std::string, list, table> value;
  position at;
};

struct member {
  std::string key;
  position at; ///< of the key
  tree value;
};

struct toml_fault {
  position at;
  std::string text;
};

/// Reads TOML 1.0; a table is the value of the answer. Stops at the first fault of the syntax.
tl::expected<tree, toml_fault> read_toml(std::string_view text);

} // namespace hamlet::config
