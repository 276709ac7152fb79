// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace hamlet::text {

/// What looks alike has the same skeleton (UTS #39 §4): "p" and the Cyrillic er, "m" and "rn",
/// "l", "1" and "I". For comparing only, never for people. Text that is not valid UTF-8, or longer
/// than 1023 octets, is its own skeleton.
std::string skeleton(std::string_view text);

} // namespace hamlet::text
