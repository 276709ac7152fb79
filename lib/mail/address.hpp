// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hamlet::mail {

/// A mailbox of RFC 5321 §4.1.2, in the form in which names are compared and
/// stored: the local part unquoted where it needs no quotes, NFC; the domain in
/// lower case, as A-labels ("xn--…") so that it compares byte by byte.
struct address {
  std::string local;  ///< without quotes and backslashes; its case is kept
  std::string domain; ///< "example.org", "[192.0.2.1]", "[IPv6:…]"; empty for a bare "postmaster"
  /// Bytes above 127 in the local part: needs SMTPUTF8 (RFC 6531). A domain has its A-labels.
  bool internationalized = false;

  /// As it is written in a path or header: quoted where the local part must be.
  std::string text() const;
  bool operator==(const address&) const = default;
};

/// The argument of MAIL or RCPT up to the parameters.
struct path {
  bool null = false; ///< "<>"
  address mailbox;   ///< of the last hop; a source route is dropped (RFC 5321 §3.3, C)
  bool had_route = false;
  std::string_view rest; ///< behind '>' and one space: the parameters
};

enum class path_error : unsigned char { none, syntax, too_long, needs_utf8, bad_utf8, bad_domain };

/// Parses "<...>" at the begin of `text`. RFC 5321 §4.1.2 and §4.5.3.1 (local part 64, domain 255,
/// path 256 octets); with `utf8` also RFC 6531 §3.3. NUL, CR, LF and other controls: syntax.
std::optional<path> parse_path(std::string_view text, bool utf8, path_error& why);

/// A bare mailbox, "local@domain", as in a configuration or on the command line.
std::optional<address> parse_address(std::string_view text, bool utf8 = true);

} // namespace hamlet::mail
