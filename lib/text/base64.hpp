// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hamlet::base64 {

/// RFC 4648 §4, with padding, without line breaks.
std::string encode(std::string_view bytes);

/// Strict: nullopt for a character outside of the alphabet, wrong padding or
/// stray bits behind the last byte. The empty string decodes to itself.
std::optional<std::string> decode(std::string_view text);

} // namespace hamlet::base64
