// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hamlet::text {

/// The form of a domain name that compares byte by byte: lower case, each label letters,
/// digits and inner hyphens ("xn--…" for others, RFC 5891 §4), 1 to 63 octets a label, 255 in
/// all, no dot at the end. nullopt: no such name.
std::optional<std::string> to_ascii_domain(std::string_view text);

/// For people: A-labels that stand for something are shown as it; others stay.
std::string to_unicode_domain(std::string_view ascii);

} // namespace hamlet::text
