// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/config/settings.hpp"

#include <tl/expected.hpp>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace hamlet::config {

/// For the administrator, one line each: "hamlet.toml:3:15: smtp.max_message is ..., must be ...".
using complaints = std::vector<std::string>;

/// Reads TOML. What the text does not name keeps its default. Complains at once of every fault
/// in the syntax, unknown name, wrong type and value out of bounds.
/// @param file_name For the complaints only.
tl::expected<settings, complaints> load(std::string_view text, std::string_view file_name);

/// The same for a file, of at most 1 MiB.
tl::expected<settings, complaints> load_file(const std::filesystem::path& file);

} // namespace hamlet::config
