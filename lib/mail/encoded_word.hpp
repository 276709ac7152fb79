// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hamlet::mail {

/// RFC 2047: the text as words of at most 75 characters, each with whole characters, in UTF-8 and
/// base64. What is no UTF-8 becomes U+FFFD, a control a space.
std::vector<std::string> encoded_words(std::string_view text);

/// Unstructured text, RFC 2047 §5 (1): from the first word with an octet above 127 to the last one
/// encoded, the rest as it is. Words for folded_field().
std::vector<std::string> encoded_text(std::string_view text);

/// A display name, RFC 2047 §5 (3): atoms, a quoted string or encoded words.
std::vector<std::string> encoded_phrase(std::string_view name);

} // namespace hamlet::mail
