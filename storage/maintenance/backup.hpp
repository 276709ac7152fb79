// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/blobs/blob_store.hpp"
#include "storage/maintenance/manifest.hpp"
#include "storage/sql/database.hpp"

#include <filesystem>
#include <functional>

namespace hamlet::sql {

enum class backup_stage : std::uint8_t { database, blobs };
using backup_progress = std::function<void(backup_stage at, std::int64_t done, std::int64_t total)>;

/// Copies the store as it is at one moment, while the server runs: the database, then each file
/// that this copy refers to, then the manifest. No file of it is deleted meanwhile. A damaged file
/// is an error that names it. The server's key is no part of the store: whoever wants the device
/// passwords back keeps it too.
/// @param target A folder that is empty or not there; bad_setup otherwise.
result<manifest> backup(database& db, const blob_store& blobs, const std::filesystem::path& target,
                        std::int64_t now, const backup_progress& tell = {});

/// Looks whether a backup is whole: bad_setup with what is wrong. Reads all of it.
result<manifest> verify_backup(const std::filesystem::path& folder);

/// Makes a store of a backup that is whole, brought to the schema of this program. Each folder goes
/// on at uids and numbers that the lost time between backup and restore cannot have given, so no
/// client takes a new message for one that it has seen.
/// @param target A folder that is empty or not there; bad_setup otherwise. After an error it is to
/// be
///   emptied and the call made again.
result<manifest> restore(const std::filesystem::path& from, const std::filesystem::path& target,
                         const backup_progress& tell = {});

} // namespace hamlet::sql
