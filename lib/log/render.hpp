// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/log/log.hpp"

#include <chrono>
#include <string>

namespace hamlet::log {

/// Longer values are cut: one line stays a line that tools can read.
inline constexpr std::size_t max_value = 2048;

struct line {
  std::chrono::system_clock::time_point when;
  log::level level;
  std::string_view area;
  std::optional<std::uint64_t> connection;
  std::string_view event;
  std::initializer_list<field> fields;
};

/// One line with its line end. Nothing in a value can end the line or begin another field.
std::string as_text(const line& x);
/// The same as one JSON object (RFC 8259). A field's key comes after `time`, `level`, `area`,
/// `connection` and `event`.
std::string as_json(const line& x);

} // namespace hamlet::log
