// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "storage/sql/postgres.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace hamlet {

class chunk_store;

/// A text that is being written and that nobody can refer to yet. One thread at a time; blocks on
/// the disk, so never call it from a scheduled actor. Removed by the destructor unless published.
class blob_writer {
public:
  blob_writer(blob_writer&&) noexcept;
  blob_writer& operator=(blob_writer&&) noexcept;
  ~blob_writer();

  result<void> append(std::string_view bytes);

  /// Of a file: fsync, rename to its name `blobs/ab/cd/<sha256>`, fsync of the folders: after this
  /// a row may refer to it. Answers with the 32 octets of its SHA-256. A file of that name that is
  /// there already is the same bytes: it stays, with its time renewed so that no sweeper takes it.
  result<std::string> publish();

private:
  friend class blob_store;
  struct state;
  explicit blob_writer(std::unique_ptr<state> s);
  std::unique_ptr<state> state_;
};

/// Large texts under the names of their content: files in one folder, or rows of PostgreSQL
/// (chunk_store). Any thread; blocks on the disk or the server.
class blob_store {
public:
  using on_broken = std::function<void(const error&)>;

  /// Makes the folders; bad_setup when that fails. Removes what an earlier process left unfinished.
  /// @param broken Called by the thread whose fsync in publish() failed: the next one may report
  ///   success for what the kernel has dropped, such as a name in a folder.
  static result<blob_store> open(std::filesystem::path folder, on_broken broken = nullptr);

  /// @param connections How many threads may read or write at once; more wait.
  static result<blob_store> connect(const sql::postgres_options& where, std::size_t connections);

  result<blob_writer> create();

  /// Octets [offset, offset + at_most), fewer at its end. not_found, store_failed.
  result<std::string> read(std::string_view sha256, std::uint64_t offset,
                           std::uint64_t at_most) const;
  result<std::uint64_t> size_of(std::string_view sha256) const;
  result<void> remove(std::string_view sha256);
  /// Removes a blob last written or renewed at least `min_age` seconds ago; false: it is younger or
  /// gone. Never while a publish() or a keep_all()
  /// is under way.
  result<bool> sweep(std::string_view sha256, std::int64_t min_age);
  /// While the answer lives, no sweep() takes anything: it says false. For a backup.
  result<std::shared_ptr<void>> keep_all() const;
  /// Moves a damaged file to `quarantine/`, out of use. Files only.
  result<void> set_aside(std::string_view sha256);
  /// Reads the whole file: are its bytes those of its name?
  result<bool> is_sound(std::string_view sha256) const;

  /// Calls `f` with the name (32 octets) and age in seconds of every blob.
  result<void>
  each(const std::function<void(const std::string& sha256, std::int64_t age)>& f) const;

  /// Of files; empty without.
  const std::filesystem::path& folder() const { return folder_; }
  std::filesystem::path path_of(std::string_view sha256) const;

private:
  explicit blob_store(std::shared_ptr<chunk_store> x) : chunks_{std::move(x)} {}
  blob_store(std::filesystem::path folder, on_broken broken)
      : folder_{std::move(folder)}, broken_{std::move(broken)} {}
  std::filesystem::path folder_;
  on_broken broken_;
  std::shared_ptr<chunk_store> chunks_; ///< nullptr: files
};

} // namespace hamlet
