// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace hamlet::config {

/// Both count from 1; the column counts characters.
struct position {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
};

struct member;

/// A value of a TOML file and where it stands.
struct tree {
  /// Floating-point numbers, dates and times: no setting is one, their form is not looked at.
  struct other {};
  using list = std::vector<tree>;
  using table = std::vector<member>;
  /// Who made a table or list decides who may add to it.
  enum class maker : std::uint8_t {
    value,    ///< "= {...}", "= [...]": complete
    header,   ///< [a]
    implicit, ///< the a of [a.b]: [a] may follow
    dotted,   ///< the a of a.b = 1
    headers,  ///< the list of [[a]]
  };

  std::variant<other, bool, std::int64_t, std::string, list, table> value;
  position at;
  maker made_by = maker::value;
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

struct toml_file {
  tree top; ///< a table: all that could be read
  std::vector<toml_fault> faults;
};

/// Reads TOML 1.0. Goes on behind a faulty line as long as it is clear where the next one begins.
/// Bounded: 16 levels, 2000 names, 20,000 values, 20 faults.
toml_file read_toml(std::string_view text);

} // namespace hamlet::config
