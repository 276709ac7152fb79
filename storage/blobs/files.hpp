// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>

/// The few calls of the system that a durable file needs, each tried again after a signal.
namespace hamlet::files {

/// Closes what it holds.
class descriptor {
public:
  explicit descriptor(int fd = -1) : fd_{fd} {}
  descriptor(descriptor&& x) noexcept : fd_{std::exchange(x.fd_, -1)} {}
  descriptor& operator=(descriptor&& x) noexcept {
    std::swap(fd_, x.fd_);
    return *this;
  }
  ~descriptor();

  int get() const { return fd_; }

private:
  int fd_;
};

/// disk_full, not_found or store_failed after `errno`. @param what For the log.
tl::unexpected<error> failure(const std::filesystem::path& what);

/// With O_CLOEXEC; a new file gets mode 0600.
result<descriptor> open(const std::filesystem::path& path, int flags);
result<void> write_all(const descriptor& fd, std::string_view bytes,
                       const std::filesystem::path& name);
/// Fewer than `at_most` at the end of the file only.
result<std::string> read_some(const descriptor& fd, std::uint64_t offset, std::size_t at_most,
                              const std::filesystem::path& name);
result<void> sync(const descriptor& fd, const std::filesystem::path& name);
/// Makes the names in a folder durable.
result<void> sync_folder(const std::filesystem::path& folder);
/// Mode 0700; one that is there already is fine.
result<void> make_folder(const std::filesystem::path& folder);

} // namespace hamlet::files
