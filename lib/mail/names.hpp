// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/mail/address.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace hamlet::mail {

/// A login name in the form in which accounts are stored.
struct name_parts {
  std::string local;
  std::optional<std::string> domain; ///< not said: the default domain
};

/// The local part of an account: PRECIS UsernameCaseMapped (RFC 8265 §3.3), at most 64 octets.
/// nullopt: no account can be called so.
std::optional<std::string> canonical_local(std::string_view local);

/// "Ann", "ann@Example.ORG": what a client sends as user name. nullopt: it cannot be a name.
std::optional<name_parts> login_name(std::string_view text);

/// A password as it is compared: PRECIS OpaqueString (RFC 8265 §4.2) where that allows it, else as
/// it is, so that every octet of an old password still counts.
std::string prepared_password(std::string_view password);

} // namespace hamlet::mail
