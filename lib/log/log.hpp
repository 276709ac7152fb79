// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "lib/log/field.hpp"

#include <atomic>
#include <initializer_list>
#include <optional>
#include <string>

// What happens in the program, one line an event:
//
//   log::info("smtp", connection, "accepted", {{"queue", id}, {"size", 123}});
//   2026-11-21T21:03:35.123Z info smtp c=1AB accepted queue=0D4K3P8Z1G000 size=123
//
// Never a secret, and never the text of a message.

namespace hamlet::log {

enum class level : std::uint8_t { debug, info, warning, error, off };
std::string_view to_string(level x);

enum class format : std::uint8_t {
  text, ///< for people and grep
  json, ///< one object a line
};

struct options {
  log::level level = log::level::info;
  log::format format = log::format::text;
  std::string file; ///< empty: standard error
};

/// Until it is called, lines of `info` and above go to standard error as text. May be called
/// again with other options. bad_setup when the file cannot be opened: all stays as it was.
result<void> open(const options& x);

/// Opens the file again by its name, after it was moved away (SIGHUP, logrotate).
result<void> reopen();

/// From now on, for all threads.
void set_level(level x);

/// Lines that could not be written (full disk, closed pipe) since the start.
std::uint64_t lost_lines();

using fields = std::initializer_list<field>;

namespace detail {
extern std::atomic<level> lowest;
void write(level x, constant area, std::optional<std::uint64_t> connection, constant what,
           fields more);
} // namespace detail

inline bool is_on(level x) {
  return x >= detail::lowest.load(std::memory_order_relaxed);
}

/// Writes one line from the calling thread; any thread. Costs one comparison when the level is off.
/// @param connection The number of the client's connection, the same in all of its lines.
inline void event(level x, constant area, std::uint64_t connection, constant what, fields more) {
  if (is_on(x))
    detail::write(x, area, connection, what, more);
}
inline void event(level x, constant area, constant what, fields more) {
  if (is_on(x))
    detail::write(x, area, std::nullopt, what, more);
}

/// For who hunts a defect.
inline void debug(constant area, std::uint64_t connection, constant what, fields more = {}) {
  event(level::debug, area, connection, what, more);
}
inline void debug(constant area, constant what, fields more = {}) {
  event(level::debug, area, what, more);
}
/// What an administrator wants to find again: logins, mail taken, delivered, refused.
inline void info(constant area, std::uint64_t connection, constant what, fields more = {}) {
  event(level::info, area, connection, what, more);
}
inline void info(constant area, constant what, fields more = {}) {
  event(level::info, area, what, more);
}
/// Goes on, but somebody should look: attacks, limits reached, a slow disk.
inline void warning(constant area, std::uint64_t connection, constant what, fields more = {}) {
  event(level::warning, area, connection, what, more);
}
inline void warning(constant area, constant what, fields more = {}) {
  event(level::warning, area, what, more);
}
/// A failure of ours.
inline void error(constant area, std::uint64_t connection, constant what, fields more = {}) {
  event(level::error, area, connection, what, more);
}
inline void error(constant area, constant what, fields more = {}) {
  event(level::error, area, what, more);
}

} // namespace hamlet::log
