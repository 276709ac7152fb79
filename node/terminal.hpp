// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"

#include <cstdint>
#include <string>
#include <vector>

// What the commands say to a person, and ask of one.

namespace hamlet::node {

/// A password: asked for twice without echo on a terminal, else the first line of standard input.
/// Never from the arguments, which every process of the machine can read.
result<std::string> ask_password(const std::string& whose);

/// A secret that is there already, such as a token: asked for once, else as above.
result<std::string> ask_secret(const std::string& what);

/// "yes" typed on a terminal; without a terminal always no.
bool confirms(const std::string& question);

using table = std::vector<std::vector<std::string>>;

/// Columns as wide as their longest entry; the first row is the heading. Control characters of
/// the entries are shown as '?'.
void print_table(const table& rows);

/// 2026-11-21 21:03, in local time; "never" for 0.
std::string time_text(std::int64_t unix_seconds);

/// 1536 is "1.5 KiB".
std::string size_text(std::int64_t octets);

} // namespace hamlet::node
