// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hamlet::admin {

/// A new one: "hamlet-admin-…", 256 bits. A secret.
std::string make_token();

/// What is stored of a token, and looked for: its SHA-256. nullopt: it is none of ours.
std::optional<std::string> token_hash(std::string_view token);

/// The token of a header field "Bearer …" (RFC 6750 §2.1); empty: there is none.
std::string_view bearer(std::string_view field);

/// May a token have this name? 1 to 32 of a-z, 0-9 and '-'.
bool is_token_name(std::string_view name);

} // namespace hamlet::admin
