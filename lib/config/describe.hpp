// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/config/settings.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What the settings tell of themselves.

namespace hamlet::config {

/// For `hamlet config describe [NAME]`: a setting, a section or, for an empty name, all; with the
/// value where it is not the default. nullopt: no such name.
std::optional<std::string> describe(const settings& now, std::string_view name);

/// The setting or section whose name is nearest to a wrong one; nullopt when none is near.
std::optional<std::string_view> nearest_name(std::string_view wrong);

/// docs/config.md.
std::string manual();

/// A file that load() reads back as the same settings; each with its doc as a comment.
/// @param only_changed Leaves out, and does not explain, what has its default.
std::string file_text(const settings& x, bool only_changed);

struct change {
  std::string_view name;
  std::string before; ///< as in the file
  std::string after;
  takes_effect when;
};
std::vector<change> changes(const settings& before, const settings& after);

/// What counts after a reload: `fresh`, but with what takes effect on restart as it runs.
settings reloaded(const settings& running, const settings& fresh);

} // namespace hamlet::config
