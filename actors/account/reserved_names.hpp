// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace hamlet {

/// May a stranger take this name, which is in canonical form? It must be a nick (RFC 2812 §2.3.1)
/// of at most `longest` octets and a local part without quotes (RFC 5321 §4.1.2); not one of the
/// names of services, of offices (RFC 2142) and of this list, in any case. `utf8`: also with
/// letters of all scripts.
bool is_free_to_register(const std::string& name, std::size_t longest, bool utf8,
                         std::span<const std::string> reserved);

/// A name of services, of an office, or of this list.
bool is_reserved_name(std::string_view name, std::span<const std::string> reserved);

} // namespace hamlet
