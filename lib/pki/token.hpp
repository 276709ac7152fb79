// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hamlet::pki {

/// How the authority remembers a token: whoever reads this cannot tell the token.
struct token_record {
  std::string id;
  std::string key;          ///< SHA-256 of its secret in hex
  std::int64_t expires = 0; ///< seconds since 1970
  bool operator==(const token_record&) const = default;
};

struct token {
  std::string text; ///< "hamlet-join-ID-SECRET": a secret, for one new node and once
  token_record record;
};

/// 256 bits.
token make_token(std::int64_t now, std::int64_t life);

/// What `text` says; without an end. nullopt: it is no token.
std::optional<token_record> read_token(std::string_view text);

} // namespace hamlet::pki
