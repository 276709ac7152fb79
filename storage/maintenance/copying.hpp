// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/blobs/blob_store.hpp"
#include "storage/sql/database.hpp"

#include <filesystem>
#include <vector>

/// What backup and restore have in common.
namespace hamlet::sql {

struct copied {
  std::int64_t files = 0;
  std::int64_t octets = 0;
};

/// The blobs that a store refers to, each once.
result<std::vector<std::string>> blobs_in(database& db);

/// Copies these blobs; bytes that are not those of their name are an error. @param tell Counts
/// files.
result<copied> copy_blobs(const std::vector<std::string>& names, const blob_store& from,
                          blob_store& to, const database::progress& tell);

/// SHA-256 and size of a file.
result<std::pair<std::string, std::int64_t>> digest_of(const std::filesystem::path& file);

/// Copies a file to a new one (mode 0600) and waits for the disk.
result<void> copy_file(const std::filesystem::path& from, const std::filesystem::path& to);

/// Makes a folder (mode 0700); bad_setup when it is there already with anything in it.
result<void> make_empty_folder(const std::filesystem::path& folder);

} // namespace hamlet::sql
