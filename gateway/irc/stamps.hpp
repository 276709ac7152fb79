// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hamlet::irc {

/// "2019-01-04T14:33:26.123Z" (IRCv3 server-time): of the time tag, MARKREAD and CHATHISTORY.
/// @param ms Since 1970; outside of the years 0000 to 9999 the nearest of them is written.
std::string time_text(std::int64_t ms);

/// nullopt: not of that form, or no such day. A second of 60, a leap second, counts as the next.
std::optional<std::int64_t> time_of(std::string_view text);

} // namespace hamlet::irc
