// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tl/expected.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hamlet::irc {

/// One tag of a message, with its value unescaped. An empty value and none are the same
/// (IRCv3 message-tags, Format).
struct tag {
  std::string key; ///< opaque and case-sensitive, with its "+" and "vendor/"
  std::string value;

  bool is_client_only() const { return key.starts_with('+'); }
  bool operator==(const tag&) const = default;
};

/// A line of IRC in its parts: RFC 1459 §2.3.1, RFC 2812 §2.3.1, IRCv3 message-tags.
struct message {
  std::vector<tag> tags;           ///< each key once
  std::string source;              ///< "nick!user@host" or a server, without ':'; often empty
  std::string command;             ///< ASCII in upper case, or three digits
  std::vector<std::string> params; ///< at most 15
  /// serialise() puts a ':' before the last parameter even where it needs none. Some clients
  /// look for it in texts; parse() leaves it false, and it does not count when comparing.
  bool colon = false;

  /// nullptr: there is no such tag.
  const tag* find_tag(std::string_view key) const;
  /// The value of a tag; nullopt: no such tag.
  std::optional<std::string_view> tag_value(std::string_view key) const;
  /// Changes the tag or adds it.
  void set_tag(std::string_view key, std::string_view value = {});

  /// The parameter at `i`, counted from 0; empty also where there is none.
  std::string_view param(std::size_t i) const;

  bool operator==(const message& x) const {
    return tags == x.tags && source == x.source && command == x.command && params == x.params;
  }
};

constexpr std::size_t max_params = 15; ///< RFC 2812 §2.3.1

/// How long a line may be, without its CR LF.
struct line_limits {
  std::size_t tags; ///< from '@' up to and with the space
  std::size_t rest; ///< behind the tags

  std::size_t whole() const { return tags + rest; }
};
/// What clients may send: 4094 octets of tag data (IRCv3 message-tags, Size limit) and
/// 512 octets with CR LF (RFC 2812 §2.3).
constexpr line_limits client_limits{4096, 510};
/// What servers send, and what other servers send to us.
constexpr line_limits server_limits{8191, 510};

enum class parse_error : std::uint8_t {
  empty,         ///< nothing, or spaces: ignored in silence
  tags_too_long, ///< 417
  too_long,      ///< 417: what is behind the tags
  bad_form,      ///< no command, one that begins with neither letter nor digit; CR, LF or NUL
};

/// Takes a line without its CR LF apart. A source of a client is parsed and means nothing.
///  - Several spaces count as one; those at the end do not count (modern, Parameters).
///  - The 15th parameter takes the rest of the line also without ':' (RFC 2812 §2.3.1).
///  - Of two tags with one key the last counts; a tag without a key is dropped; no other key is
///    refused (IRCv3 message-tags, Format). Octets are not checked to be UTF-8.
tl::expected<message, parse_error> parse(std::string_view line,
                                         const line_limits& limits = client_limits);

/// The line without CR LF, of any length. Whatever the parts hold, it is one line, and each part
/// stays in its place: CR, LF and NUL become a space in the last parameter and '_' elsewhere, as
/// does a space where none may stand; a tag with a key that cannot be written is left out.
std::string serialise(const message& x);

/// Only the tags, "@a=b;c " with the space at the end; empty for none.
std::string serialise_tags(const std::vector<tag>& tags);

std::string escape_tag_value(std::string_view value);
/// A backslash before another character, or at the end, is dropped.
std::string unescape_tag_value(std::string_view escaped);

} // namespace hamlet::irc
