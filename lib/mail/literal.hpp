// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hamlet::mail {

/// An address literal with its brackets, RFC 5321 §4.1.3, in one form for each address:
/// "[192.0.2.1]", "[IPv6:2001:db8::1]", "[tag:text]". nullopt: not one.
std::optional<std::string> canonical_literal(std::string_view text);

/// The literal of an IP address as inet_ntop writes it; an address that is none, which no client
/// of ours has, is given back in brackets without what a literal may not hold.
std::string literal_of(std::string_view ip);

} // namespace hamlet::mail
