// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/tls/context.hpp"

#include <mutex>

namespace hamlet::tls {

/// The context that a listener takes for each new client. A new certificate comes in
/// while others talk on: who is connected keeps the old one, and resumes later with its
/// ticket. Any thread.
class reloadable {
public:
  static result<std::shared_ptr<reloadable>> open(std::vector<certificate_files> files,
                                                  const policy& rules = {});

  /// One that never changes; reload() does nothing.
  explicit reloadable(context fixed);

  context current() const;

  /// Reads the files again. On failure nothing changes. Blocks on the disk.
  result<void> reload();

  /// Other files from now on. On failure nothing changes.
  result<void> reload(std::vector<certificate_files> files, const policy& rules = {});

private:
  reloadable(context first, std::vector<certificate_files> files, const policy& rules);
  result<void> read(const std::vector<certificate_files>& files, const policy& rules);

  std::mutex reloading_; ///< one at a time; held while files are read
  std::vector<certificate_files> files_;
  policy rules_;
  mutable std::mutex mutex_; ///< held for a copy of the handle
  context current_;
};

} // namespace hamlet::tls
