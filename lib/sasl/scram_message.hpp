// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// The grammar of RFC 5802 §7, apart from what it means.

namespace hamlet::sasl {

/// What the client says of channel bindings (gs2-cbind-flag).
enum class cbind_flag : std::uint8_t {
  none,        ///< "n": it knows none
  not_offered, ///< "y": it knows some, but believes that we do not
  used,        ///< "p=NAME"
};

struct client_first {
  cbind_flag flag = cbind_flag::none;
  std::string cbind_name; ///< cbind_flag::used
  std::string authzid;
  std::string authcid;
  std::string nonce;
  std::string gs2_header; ///< as sent; comes back in c=
  std::string bare;       ///< the message without it, as sent
};

struct client_final {
  std::string cbind_input; ///< c=, decoded
  std::string nonce;
  std::string proof;         ///< 32 octets
  std::string without_proof; ///< as sent
};

/// nullopt: no legal form, a name or nonce beyond 255 octets, or an extension that
/// we would have to know ("m=").
std::optional<client_first> parse_client_first(std::string_view message);
std::optional<client_final> parse_client_final(std::string_view message);

} // namespace hamlet::sasl
