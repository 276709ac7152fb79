// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/log/log.hpp"

#include <memory>
#include <string>
#include <vector>

namespace hamlet::log {

/// While it lives, lines come here and not to the file: for tests. One at a time.
class capture {
public:
  explicit capture(level lowest = level::debug, format as = format::text);
  ~capture(); ///< level, format and file are again as before
  capture(const capture&) = delete;
  capture& operator=(const capture&) = delete;

  std::vector<std::string> lines() const; ///< without their line ends
  /// Is there a line that contains this?
  bool has(std::string_view part) const;

private:
  struct before;
  std::unique_ptr<before> before_;
};

} // namespace hamlet::log
