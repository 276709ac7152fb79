// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>

// What a value must be beyond its type and bounds. Empty values do not come here: a setting says
// by `zero` whether it may be empty.

namespace hamlet::config {

/// A domain name of two labels or more, in A-labels (RFC 5890 §2.3.2.1), or "localhost".
bool is_domain(const std::string& text);
bool is_absolute_path(const std::string& text);
/// One printable character of ASCII that may stand in a local part and is no letter, digit or dot.
bool is_separator(const std::string& text);
/// Printable ASCII without spaces, at most 64.
bool is_printable_word(const std::string& text);
/// A language that replies are translated to.
bool is_language(const std::string& text);
bool is_whole_seconds(const std::chrono::milliseconds& x);

} // namespace hamlet::config
