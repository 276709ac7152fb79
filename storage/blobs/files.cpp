// SPDX-License-Identifier: Apache-2.0
#include "storage/blobs/files.hpp"

#include "lib/base/mutation.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace hamlet::files {

descriptor::~descriptor() {
  if (fd_ >= 0)
    ::close(fd_); // on Linux it is closed also when a signal comes: never again
}

tl::unexpected<error> failure(const std::filesystem::path& what) {
  auto number = errno;
  auto code = number == ENOSPC || number == EDQUOT || number == EFBIG ? errc::disk_full
              : number == ENOENT                                      ? errc::not_found
                                                                      : errc::store_failed;
  return fail(code, what.string() + ": " + std::strerror(number));
}

result<descriptor> open(const std::filesystem::path& path, int flags) {
  int fd = -1;
  do {
    fd = ::open(path.c_str(), flags | O_CLOEXEC, 0600);
  } while (fd < 0 && errno == EINTR);
  if (fd < 0)
    return failure(path);
  return descriptor{fd};
}

result<void> write_all(const descriptor& fd, std::string_view bytes,
                       const std::filesystem::path& name) {
  while (!bytes.empty()) {
    auto n = ::write(fd.get(), bytes.data(), bytes.size());
    if (n < 0 && errno != EINTR)
      return failure(name);
    if (n > 0)
      bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

result<std::string> read_some(const descriptor& fd, std::uint64_t offset, std::size_t at_most,
                              const std::filesystem::path& name) {
  std::string out(at_most, '\0');
  std::size_t have = 0;
  while (have < at_most) {
    auto n =
      ::pread(fd.get(), out.data() + have, at_most - have, static_cast<off_t>(offset + have));
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return failure(name);
    if (n == 0)
      break;
    have += static_cast<std::size_t>(n);
  }
  out.resize(have);
  return out;
}

result<void> sync(const descriptor& fd, const std::filesystem::path& name) {
  if constexpr (mutation::no_blob_fsync) // MUTATION: a file that is in the kernel's memory alone
    return {};
  int code = 0;
  do {
    code = ::fsync(fd.get());
  } while (code < 0 && errno == EINTR);
  if (code < 0)
    return failure(name);
  return {};
}

result<void> sync_folder(const std::filesystem::path& folder) {
  return open(folder, O_RDONLY | O_DIRECTORY).and_then([&](const descriptor& fd) {
    return sync(fd, folder);
  });
}

result<void> make_folder(const std::filesystem::path& folder) {
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
    return failure(folder);
  return {};
}

} // namespace hamlet::files
