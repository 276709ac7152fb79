// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/text/hex.hpp"

#include <filesystem>
#include <string_view>

/// Where things are in the folder of a blob store.
namespace hamlet::blobs {

inline std::filesystem::path path_of(const std::filesystem::path& folder, std::string_view sha256) {
  auto name = to_hex(sha256);
  return folder / name.substr(0, 2) / name.substr(2, 2) / name;
}

/// Files that are being written, each locked (flock) by its writer as long as it lives.
inline std::filesystem::path unfinished(const std::filesystem::path& folder) {
  return folder / "tmp";
}

/// Damaged files that a check took out of use.
inline std::filesystem::path quarantine(const std::filesystem::path& folder) {
  return folder / "quarantine";
}

/// Held shared while a file gets its name and time, alone while one is deleted: else the sweeper
/// could delete a file between "it is there already" and the row that refers to it.
inline std::filesystem::path lock_file(const std::filesystem::path& folder) {
  return folder / "lock";
}

} // namespace hamlet::blobs
