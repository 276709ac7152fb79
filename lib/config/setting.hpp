// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace hamlet::config {

/// When a changed value counts, after SIGHUP or `hamlet config reload`.
enum class takes_effect : std::uint8_t {
  at_once,
  for_new_connections, ///< who is connected keeps the old one
  on_restart,
};
std::string_view to_string(takes_effect x);

/// The unit of sizes: such a setting is also written as "64KiB", "50MiB", "1GiB".
inline constexpr std::string_view octets = "octets";

/// One line of the configuration. The parser, its complaints, `hamlet config describe`,
/// docs/config.md and the list of what a reload changes are all made from these fields: none is
/// written twice.
template <class T>
struct setting {
  using type = T;

  std::string_view name; ///< with its section: "smtp.max_message"
  T value = {};          ///< the default until the file says otherwise
  std::string_view unit = {};
  T min = {}; ///< of numbers and durations
  T max = {};
  std::string_view zero = {}; ///< what 0 or empty means; a 0 below `min` is allowed then
  takes_effect when = takes_effect::at_once;
  /// More than a type and bounds can say; null: every value of the type.
  bool (*is_valid)(const T& value) = nullptr;
  std::string_view expects = {}; ///< what is_valid wants, as in "must be ..."
  std::string_view doc;
};

} // namespace hamlet::config
