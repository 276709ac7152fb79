// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

// RFC 6858: what a client that has not asked for UTF-8 gets of an internationalized message.

namespace hamlet::mail {

/// The surrogate of a header section, with its empty line or without: only ASCII, lines of at most
/// 998 octets. An address that needs SMTPUTF8 becomes an invalid one whose display name tells it
/// (§2.1); MIME parameters that are not ASCII are left out (§2.2); Subject, Comments and
/// Content-Description are encoded (§2.3); other fields that are not ASCII are left out (§2.4). A
/// field that needs none of this stays byte for byte.
std::string surrogate_header(std::string_view header);

/// The same for the header of each part of a whole message; bodies stay. A message with more parts
/// than walk_mime() follows gets only its main header changed.
std::string surrogate_message(std::string_view message);

} // namespace hamlet::mail
