// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"

#include <string>
#include <string_view>

namespace hamlet::text {

/// The form in which an account name is stored and compared: UsernameCaseMapped of
/// RFC 8265 §3.3, as one userpart, so without spaces. At most 1023 octets.
/// @returns errc::bad_request for what may be no name; the detail says why, without the name.
result<std::string> canonical_name(std::string_view text);

/// The mappings of UsernameCaseMapped without its refusals, for names of which nobody needs an
/// account: full width, lower case, NFC; where canonical_name() has a form it is this one. Text
/// that is not valid UTF-8 changes in its ASCII letters alone.
std::string caseless(std::string_view text);

/// The form in which a password goes into a hash: OpaqueString of RFC 8265 §4.2. At most 1023
/// octets. @returns errc::bad_request for what may be no password.
result<std::string> opaque_string(std::string_view text);

} // namespace hamlet::text
