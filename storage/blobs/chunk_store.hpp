// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/crypto/digest.hpp"
#include "storage/sql/database.hpp"

#include <condition_variable>
#include <functional>
#include <mutex>

namespace hamlet {

/// Large texts as rows of PostgreSQL, in pieces, so that any range is read without the rest. Any
/// thread; blocks. The same promises as the files of blob_store.
class chunk_store {
public:
  static constexpr std::size_t chunk_octets = 256 * 1024;

  /// @param connections How many threads may use it at once; more wait.
  static result<std::unique_ptr<chunk_store>> connect(const sql::postgres_options& where,
                                                      std::size_t connections);

  result<std::string> read(std::string_view sha256, std::uint64_t offset, std::uint64_t at_most);
  result<std::uint64_t> size_of(std::string_view sha256);
  result<bool> is_sound(std::string_view sha256);
  result<bool> sweep(std::string_view sha256, std::int64_t min_age);
  /// Names and ages in seconds. Drops first what writers that died have left a day ago.
  result<void> each(const std::function<void(const std::string& sha256, std::int64_t age)>& f);

  /// A number for a text that is to be written.
  result<std::int64_t> begin_draft();
  /// Not durable before publish(), which finds out whether all are there.
  result<void> put(std::int64_t blob_id, std::int64_t n, std::string_view bytes);
  result<void> publish(std::int64_t blob_id, std::string_view sha256, std::uint64_t size,
                       std::int64_t chunks);
  void drop_draft(std::int64_t blob_id);

private:
  /// A connection, back among the free ones at its end.
  class lease;

  explicit chunk_store(std::vector<sql::database> all) : free_{std::move(all)} {}

  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<sql::database> free_;
};

/// Collects a text into pieces and sends each when it is full; one thread at a time.
class chunk_writer {
public:
  chunk_writer(chunk_store& to, std::int64_t blob_id) : to_{&to}, blob_id_{blob_id} {}
  chunk_writer(const chunk_writer&) = delete;
  ~chunk_writer();

  result<void> append(std::string_view bytes);
  result<std::string> publish();

private:
  result<void> send();

  chunk_store* to_;
  std::int64_t blob_id_;
  std::int64_t sent_ = 0;
  std::uint64_t size_ = 0;
  std::string piece_;
  crypto::sha256_stream digest_;
  std::optional<error> failed_; ///< a part is missing: it must not be published
  bool done_ = false;
};

} // namespace hamlet
