// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hamlet::text {

/// Text of mail as UTF-8; what its charset does not have becomes U+FFFD. At most 1 MiB of it.
/// @param charset A name of IANA's list, in any case; empty: ASCII or UTF-8. nullopt: nobody knows
///   it.
std::optional<std::string> to_utf8(std::string_view bytes, std::string_view charset);

} // namespace hamlet::text
