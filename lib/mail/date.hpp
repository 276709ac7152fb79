// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace hamlet::mail {

/// RFC 5322 §3.3 in UTC, "Sat, 21 Nov 2026 21:03:35 +0000".
/// @param unix_seconds Seconds since 1970; what lies outside of the years 1900 to 9999 is
///   taken as their nearest end.
std::string rfc5322_date(std::int64_t unix_seconds);

} // namespace hamlet::mail
