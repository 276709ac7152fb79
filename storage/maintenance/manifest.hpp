// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace hamlet::sql {

/// What a backup consists of; written last, so that a backup without it is none.
struct manifest {
  int schema = 0;
  std::string database_sha256; ///< 32 octets
  std::int64_t database_octets = 0;
  std::int64_t blobs = 0;
  std::int64_t blob_octets = 0;
  std::int64_t made_at = 0;

  bool operator==(const manifest&) const = default;
};

/// Where things are in a backup, and in the folder of a store.
inline std::filesystem::path database_of(const std::filesystem::path& folder) {
  return folder / "hamlet.db";
}
inline std::filesystem::path blobs_of(const std::filesystem::path& folder) {
  return folder / "blobs";
}

/// Whole and on the disk, or not there at all.
result<void> write_manifest(const std::filesystem::path& folder, const manifest& x);
/// bad_setup: none there, or not one of ours.
result<manifest> read_manifest(const std::filesystem::path& folder);

} // namespace hamlet::sql
