// SPDX-License-Identifier: Apache-2.0
#include "lib/base/unique_id.hpp"
#include "lib/crypto/digest.hpp"
#include "storage/blobs/blob_store.hpp"
#include "storage/blobs/chunk_store.hpp"
#include "storage/blobs/files.hpp"
#include "storage/blobs/layout.hpp"

#include <cerrno>
#include <fcntl.h>
#include <optional>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace hamlet {

namespace fs = std::filesystem;

struct blob_writer::state {
  std::shared_ptr<chunk_store> store; ///< nullptr: a file
  std::optional<chunk_writer> chunks; ///< refers to it
  fs::path folder;
  fs::path name; ///< in tmp/; empty once it has its own name
  files::descriptor file;
  crypto::sha256_stream digest;
  std::uint64_t size = 0;
  blob_store::on_broken broken;
  std::optional<error> failed; ///< a part is missing: it must not be published

  ~state() {
    if (!name.empty())
      ::unlink(name.c_str());
  }
};

namespace {

result<files::descriptor> lock(const fs::path& folder, int how) {
  auto name = blobs::lock_file(folder);
  auto file = files::open(name, O_RDWR | O_CREAT);
  while (file && ::flock(file->get(), how) != 0)
    if (errno == EWOULDBLOCK)
      return fail(errc::busy, name.string());
    else if (errno != EINTR)
      return files::failure(name);
  return file;
}

/// The same bytes under their name already: their time is renewed.
bool renewed(const fs::path& target, std::uint64_t size) {
  struct stat seen {};
  return ::stat(target.c_str(), &seen) == 0 && static_cast<std::uint64_t>(seen.st_size) == size
         && ::utimensat(AT_FDCWD, target.c_str(), nullptr, 0) == 0;
}

/// All three, even those that exist: who made them may not have come to their fsync yet.
result<void> sync_folders(const fs::path& last, const fs::path& folder) {
  return files::sync_folder(last)
    .and_then([&] { return files::sync_folder(last.parent_path()); })
    .and_then([&] { return files::sync_folder(folder); });
}

} // namespace

blob_writer::blob_writer(std::unique_ptr<state> s) : state_{std::move(s)} {
}

blob_writer::blob_writer(blob_writer&&) noexcept = default;
blob_writer& blob_writer::operator=(blob_writer&&) noexcept = default;
blob_writer::~blob_writer() = default;

result<void> blob_writer::append(std::string_view bytes) {
  if (state_->chunks)
    return state_->chunks->append(bytes);
  if (state_->failed)
    return tl::unexpected{*state_->failed};
  state_->digest.add(bytes);
  state_->size += bytes.size();
  auto done = files::write_all(state_->file, bytes, state_->name);
  if (!done)
    state_->failed = done.error();
  return done;
}

result<std::string> blob_writer::publish() {
  if (state_->chunks)
    return state_->chunks->publish();
  if (state_->name.empty())
    return fail(errc::bad_request, "published already");
  if (state_->failed)
    return tl::unexpected{*state_->failed};
  auto sha256 = state_->digest.finish();
  auto target = blobs::path_of(state_->folder, sha256);
  auto last = target.parent_path();
  auto on_disk = [this](result<void> synced) {
    if (!synced && synced.error().code == errc::store_failed && state_->broken)
      state_->broken(synced.error());
    return synced;
  };
  auto done = on_disk(files::sync(state_->file, state_->name))
                .and_then([&] { return files::make_folder(last.parent_path()); })
                .and_then([&] { return files::make_folder(last); })
                .and_then([&] { return lock(state_->folder, LOCK_SH); })
                .and_then([&](const files::descriptor&) -> result<void> {
                  if (renewed(target, state_->size))
                    return {};
                  if (::rename(state_->name.c_str(), target.c_str()) != 0)
                    return files::failure(target);
                  state_->name.clear();
                  return {};
                })
                .and_then([&] { return on_disk(sync_folders(last, state_->folder)); });
  if (done)
    return sha256;
  state_->failed = done.error();
  return tl::unexpected{done.error()};
}

result<blob_writer> blob_store::create() {
  auto made = std::make_unique<blob_writer::state>();
  if (chunks_)
    return chunks_->begin_draft().map([&](std::int64_t id) {
      made->store = chunks_;
      made->chunks.emplace(*chunks_, id);
      return blob_writer{std::move(made)};
    });
  made->folder = folder_;
  made->broken = broken_;
  for (;;) {
    auto name = blobs::unfinished(folder_) / unique_id();
    auto file = files::open(name, O_WRONLY | O_CREAT | O_EXCL);
    if (!file)
      return tl::unexpected{file.error()};
    made->name = std::move(name);
    made->file = std::move(*file);
    // Another process that opens the store may have seen it unlocked and deleted it.
    struct stat seen {};
    if (::flock(made->file.get(), LOCK_EX) == 0 && ::fstat(made->file.get(), &seen) == 0
        && seen.st_nlink == 1)
      return blob_writer{std::move(made)};
  }
}

result<bool> blob_store::sweep(std::string_view sha256, std::int64_t min_age) {
  if (chunks_)
    return chunks_->sweep(sha256, min_age);
  auto path = path_of(sha256);
  auto alone = lock(folder_, LOCK_EX | LOCK_NB);
  if (!alone && alone.error().code == errc::busy)
    return false;
  return alone.and_then([&](const files::descriptor&) -> result<bool> {
    struct stat seen {};
    if (::stat(path.c_str(), &seen) != 0)
      return errno == ENOENT ? result<bool>{false} : files::failure(path);
    if (::time(nullptr) - seen.st_mtime < min_age)
      return false;
    if (::unlink(path.c_str()) != 0)
      return files::failure(path);
    return true;
  });
}

result<void> blob_store::remove(std::string_view sha256) {
  if (chunks_)
    return chunks_->sweep(sha256, 0).and_then(
      [](bool gone) { return gone ? result<void>{} : fail(errc::not_found); });
  auto path = path_of(sha256);
  return lock(folder_, LOCK_EX).and_then([&](const files::descriptor&) -> result<void> {
    if (::unlink(path.c_str()) != 0)
      return files::failure(path);
    return {};
  });
}

result<std::shared_ptr<void>> blob_store::keep_all() const {
  if (chunks_)
    return fail(errc::bad_setup, "PostgreSQL is copied with its own tools");
  return lock(folder_, LOCK_SH).map([](files::descriptor held) -> std::shared_ptr<void> {
    return std::make_shared<files::descriptor>(std::move(held));
  });
}

} // namespace hamlet
