// SPDX-License-Identifier: Apache-2.0
#include "lib/pki/token.hpp"

#include "lib/crypto/digest.hpp"
#include "lib/crypto/random.hpp"
#include "lib/text/hex.hpp"

namespace hamlet::pki {

namespace {

constexpr std::string_view prefix = "hamlet-join-";
constexpr std::size_t id_size = 8;
constexpr std::size_t secret_size = 43; // 256 bits

} // namespace

token make_token(std::int64_t now, std::int64_t life) {
  token made;
  made.text = std::string{prefix} + crypto::random_text(id_size) + '-';
  made.text += crypto::random_text(secret_size);
  made.record = *read_token(made.text);
  made.record.expires = now + life;
  return made;
}

std::optional<token_record> read_token(std::string_view text) {
  if (!text.starts_with(prefix) || text.size() != prefix.size() + id_size + 1 + secret_size
      || text[prefix.size() + id_size] != '-')
    return std::nullopt;
  return token_record{std::string{text.substr(prefix.size(), id_size)},
                      to_hex(crypto::sha256(text.substr(prefix.size() + id_size + 1))), 0};
}

} // namespace hamlet::pki
