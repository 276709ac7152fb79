// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

// Names of users and channels: which are valid, which are the same, which look the same.

namespace hamlet::irc {

/// The form in which nicks, channels and masks are compared: CASEMAPPING=ascii, so '[' is not
/// '{' (modern, CASEMAPPING Parameter). Other characters are folded as in account names
/// (RFC 8265 §3.3), and a nick that is valid has the same form as an account of that name.
/// Folding twice changes nothing.
std::string fold(std::string_view name);

/// Equal but for case: fold(a) == fold(b), without a copy for ASCII.
bool same_name(std::string_view a, std::string_view b);

/// RFC 2812 §2.3.1, `nickname`, of at most `nicklen` octets. With `allow_utf8` also letters and
/// digits of other scripts, as RFC 8265 §3.3 has them in account names.
bool is_valid_nick(std::string_view name, std::size_t nicklen, bool allow_utf8);

/// RFC 2812 §1.3 and §2.3.1, `channel`: a character of `types` and at least one more, at most
/// `channellen` octets in all; no space, comma, colon or control character. With `allow_utf8` also
/// what PRECIS allows in free text (RFC 8264 §4.3) but spaces: letters, digits, symbols.
bool is_valid_channel(std::string_view name, std::size_t channellen, bool allow_utf8,
                      std::string_view types = "#&");

/// RFC 2812 §2.3.1, `user`, of at most `userlen` octets. Also without '!', '*', '?' and ':', which
/// mean something in masks and lines; controls and invalid UTF-8 are refused.
bool is_valid_user(std::string_view name, std::size_t userlen);

/// Names with the same key look alike. Which of them may live side by side:
///  - names of ASCII alone: all whose folded forms differ, so "l1" and "Il" are two people, as
///    they are everywhere on IRC;
///  - a name with any other character: none. So it is refused where the key is taken by anybody,
///    and once it is taken by such a name, to everybody else.
/// A directory therefore keeps for each key either one name for which needs_key_alone() is
/// true, or any number of others. The key is of the name as it is written: a change of case may
/// change it for names that need it alone.
std::string confusable_key(std::string_view name);
bool needs_key_alone(std::string_view name); ///< it has a character that is not ASCII

} // namespace hamlet::irc
