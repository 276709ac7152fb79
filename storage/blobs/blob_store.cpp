// SPDX-License-Identifier: Apache-2.0
#include "storage/blobs/blob_store.hpp"

#include "lib/crypto/digest.hpp"
#include "storage/blobs/chunk_store.hpp"
#include "storage/blobs/files.hpp"
#include "storage/blobs/layout.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace hamlet {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t sha256_octets = 32;

/// Files whose writer has died: nobody holds their lock.
void remove_unfinished(const fs::path& folder) {
  std::error_code ignored;
  for (fs::directory_iterator at{folder, ignored}, end; at != end; at.increment(ignored)) {
    auto file = files::open(at->path(), O_RDONLY);
    if (file && ::flock(file->get(), LOCK_EX | LOCK_NB) == 0)
      ::unlink(at->path().c_str());
  }
}

result<std::uint64_t> size_of_file(const files::descriptor& file, const fs::path& name) {
  struct stat seen {};
  if (::fstat(file.get(), &seen) != 0)
    return files::failure(name);
  return static_cast<std::uint64_t>(seen.st_size);
}

} // namespace

result<blob_store> blob_store::open(fs::path folder, on_broken broken) {
  auto ready = files::make_folder(folder).and_then(
    [&] { return files::make_folder(blobs::unfinished(folder)); });
  if (!ready)
    return fail(errc::bad_setup, ready.error().detail);
  remove_unfinished(blobs::unfinished(folder));
  return blob_store{std::move(folder), std::move(broken)};
}

result<blob_store> blob_store::connect(const sql::postgres_options& where,
                                       std::size_t connections) {
  return chunk_store::connect(where, connections).map([](std::unique_ptr<chunk_store> x) {
    return blob_store{std::shared_ptr<chunk_store>{std::move(x)}};
  });
}

result<std::string> blob_store::read(std::string_view sha256, std::uint64_t offset,
                                     std::uint64_t at_most) const {
  if (chunks_)
    return chunks_->read(sha256, offset, at_most);
  auto name = path_of(sha256);
  auto file = files::open(name, O_RDONLY);
  if (!file)
    return tl::unexpected{file.error()};
  return size_of_file(*file, name).and_then([&](std::uint64_t size) {
    auto rest = size - std::min(size, offset);
    return files::read_some(*file, offset, static_cast<std::size_t>(std::min(rest, at_most)), name);
  });
}

result<std::uint64_t> blob_store::size_of(std::string_view sha256) const {
  if (chunks_)
    return chunks_->size_of(sha256);
  auto name = path_of(sha256);
  return files::open(name, O_RDONLY).and_then([&](const files::descriptor& file) {
    return size_of_file(file, name);
  });
}

result<bool> blob_store::is_sound(std::string_view sha256) const {
  if (chunks_)
    return chunks_->is_sound(sha256);
  constexpr std::size_t piece = 256 * 1024;
  auto name = path_of(sha256);
  auto file = files::open(name, O_RDONLY);
  if (!file)
    return tl::unexpected{file.error()};
  crypto::sha256_stream digest;
  for (std::uint64_t at = 0;;) {
    auto bytes = files::read_some(*file, at, piece, name);
    if (!bytes)
      return tl::unexpected{bytes.error()};
    digest.add(*bytes);
    at += bytes->size();
    if (bytes->size() < piece)
      return digest.finish() == sha256;
  }
}

result<void> blob_store::set_aside(std::string_view sha256) {
  if (chunks_)
    return fail(errc::bad_setup, "there is no place for damaged texts in PostgreSQL");
  auto place = blobs::quarantine(folder_);
  return files::make_folder(place).and_then([&]() -> result<void> {
    auto name = path_of(sha256);
    if (::rename(name.c_str(), (place / name.filename()).c_str()) != 0)
      return files::failure(name);
    return files::sync_folder(place).and_then(
      [&] { return files::sync_folder(name.parent_path()); });
  });
}

result<void>
blob_store::each(const std::function<void(const std::string& sha256, std::int64_t age)>& f) const {
  if (chunks_)
    return chunks_->each(f);
  auto now = ::time(nullptr);
  std::error_code failed;
  for (fs::recursive_directory_iterator at{folder_, failed}, end; !failed && at != end;
       at.increment(failed)) {
    auto name = at->path().filename().string();
    if (at.depth() == 0 && name.size() != 2) {
      at.disable_recursion_pending(); // tmp, quarantine
      continue;
    }
    auto sha256 = from_hex(name);
    struct stat seen {};
    if (at.depth() == 2 && sha256 && sha256->size() == sha256_octets
        && ::stat(at->path().c_str(), &seen) == 0)
      f(*sha256, now - seen.st_mtime);
  }
  if (failed)
    return fail(errc::store_failed, folder_.string() + ": " + failed.message());
  return {};
}

fs::path blob_store::path_of(std::string_view sha256) const {
  return blobs::path_of(folder_, sha256);
}

} // namespace hamlet
