// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hamlet::irc {

/// Has it characters that change how text looks: bold 02, colour 03 and 04, reset 0F, monospace 11,
/// reverse 16, italics 1D, strikethrough 1E, underline 1F (modern, Formatting)?
bool has_formatting(std::string_view text);

/// The text without them and without the colours' digits, "03,04" and "FF0000,00FF00".
std::string strip_formatting(std::string_view text);

/// A CTCP: the text begins with 01 (modern, CTCP); the 01 at the end is often missing.
bool is_ctcp(std::string_view text);
/// A CTCP ACTION, "/me".
bool is_action(std::string_view text);
/// "VERSION" of "\1VERSION\1", in the case in which it came; empty: no CTCP.
std::string_view ctcp_command(std::string_view text);

/// As many octets of the text as fit in `room` without cutting a character of UTF-8 in two
/// (IRCv3 utf8-only); octets that are no UTF-8 count one by one.
std::string_view fitting(std::string_view text, std::size_t room);

/// The text in pieces of at most `room` octets each, cut at spaces where there are any in the last
/// third, else between characters. The spaces stay, so the pieces together are the text.
/// @param room At least 4, a character; less counts as that.
std::vector<std::string_view> split_text(std::string_view text, std::size_t room);

} // namespace hamlet::irc
