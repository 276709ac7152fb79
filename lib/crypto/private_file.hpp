// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"

#include <string>
#include <string_view>

namespace hamlet::crypto {

enum class existing : bool { keep, replace };

/// Writes a file of mode 0600 that is whole and on the disk, or not there at all.
/// @param if_there keep: a file of that name wins over ours, without an error.
result<void> write_private_file(const std::string& path, std::string_view bytes, existing if_there);

/// Reads a small file with a secret. errc::not_found; errc::bad_setup: it is no plain
/// file, longer than `max_size`, or somebody but its owner may read or write it.
result<std::string> read_private_file(const std::string& path, std::size_t max_size);

} // namespace hamlet::crypto
