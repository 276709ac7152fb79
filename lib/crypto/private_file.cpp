// SPDX-License-Identifier: Apache-2.0
#include "lib/crypto/private_file.hpp"

#include "lib/base/unique_id.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

namespace hamlet::crypto {

namespace {

class descriptor {
public:
  explicit descriptor(int fd) : fd_{fd} {}
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  ~descriptor() {
    if (fd_ >= 0)
      ::close(fd_);
  }

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

private:
  int fd_;
};

tl::unexpected<error> system_failure(const std::string& path) {
  return fail(errno == ENOENT ? errc::not_found : errc::bad_setup,
              path + ": " + std::strerror(errno));
}

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    auto n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno != EINTR)
      return false;
    bytes.remove_prefix(n < 0 ? 0 : static_cast<std::size_t>(n));
  }
  return ::fsync(fd) == 0;
}

// The name, too, must be on the disk.
bool sync_folder_of(const std::string& path) {
  auto folder = std::filesystem::path{path}.parent_path();
  descriptor fd{::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  return fd && ::fsync(fd.get()) == 0;
}

// A link never replaces what is there, a rename always does.
bool put_in_place(const std::string& from, const std::string& path, existing if_there) {
  if (if_there == existing::replace)
    return ::rename(from.c_str(), path.c_str()) == 0;
  return ::link(from.c_str(), path.c_str()) == 0 || errno == EEXIST;
}

} // namespace

result<void> write_private_file(const std::string& path, std::string_view bytes,
                                existing if_there) {
  auto draft = path + "." + unique_id();
  descriptor fd{::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
  if (!fd)
    return system_failure(draft);
  result<void> done;
  if (!write_all(fd.get(), bytes) || !put_in_place(draft, path, if_there) || !sync_folder_of(path))
    done = system_failure(path);
  ::unlink(draft.c_str()); // gone already after a rename
  return done;
}

result<std::string> read_private_file(const std::string& path, std::size_t max_size) {
  // O_NONBLOCK: opening a FIFO must not hang.
  descriptor fd{::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)};
  struct stat about = {};
  if (!fd || ::fstat(fd.get(), &about) != 0)
    return system_failure(path);
  if (!S_ISREG(about.st_mode))
    return fail(errc::bad_setup, path + " is no plain file");
  if ((about.st_mode & 077u) != 0)
    return fail(errc::bad_setup, path + " may be read by its owner alone: chmod 600 it");
  if (static_cast<std::uintmax_t>(about.st_size) > max_size)
    return fail(errc::bad_setup, path + " is too long");
  std::string bytes(static_cast<std::size_t>(about.st_size), '\0');
  std::size_t have = 0;
  while (have < bytes.size()) {
    auto n = ::read(fd.get(), bytes.data() + have, bytes.size() - have);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return system_failure(path);
    if (n == 0)
      break; // it shrank meanwhile
    have += static_cast<std::size_t>(n);
  }
  bytes.resize(have);
  return bytes;
}

} // namespace hamlet::crypto
