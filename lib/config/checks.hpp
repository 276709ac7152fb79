// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <vector>

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
/// One line of UTF-8 without control characters, of 1 to 300 octets.
bool is_printable_text(const std::string& text);
/// At most 10 such lines.
bool are_printable_lines(const std::vector<std::string>& lines);
bool are_host_masks(const std::vector<std::string>& masks);
bool are_key_names(const std::vector<std::string>& names); ///< files of keys
/// "$argon2id$..." of at most 256 octets.
bool is_password_hash(const std::string& text);
/// SHA-256 in hexadecimal, lower case.
bool is_fingerprint(const std::string& text);
/// Each "user@host" of printable ASCII, with '*' and '?'.
bool are_masks(const std::vector<std::string>& masks);
/// Each "https://chat.example.org" or "http://localhost:5173", or "*".
bool are_origins(const std::vector<std::string>& origins);
/// '+' and letters; no mode that takes a parameter.
bool is_mode_letters(const std::string& text);
/// A path of a URL: '/' and printable ASCII.
bool is_url_path(const std::string& text);
/// What may stand at the end of a host: labels of letters, digits and '-', with dots between.
bool is_host_suffix(const std::string& text);
/// Each a word of printable ASCII.
bool are_words(const std::vector<std::string>& words);

} // namespace hamlet::config
