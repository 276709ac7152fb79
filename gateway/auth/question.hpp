// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/sasl/exchange.hpp"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

// What every protocol asks the ACCOUNT when somebody logs in, and what it hears.
// Plain values: the sessions are pure.

namespace hamlet::auth {

/// RFC 1939 §7. `digest` in lower-case hexadecimal.
struct check_apop {
  std::string name;
  std::string timestamp; ///< of the banner, with its angle brackets
  std::string digest;
};
/// SASL EXTERNAL (RFC 4422 appendix A).
struct check_certificate {
  std::string authzid;     ///< empty: whom the certificate belongs to
  std::string fingerprint; ///< SHA-256 of the client's certificate, lower-case hexadecimal
};
using question = std::variant<sasl::check_password, sasl::want_salt, sasl::check_proof, check_apop,
                              check_certificate>;

/// Who has logged in.
struct identity {
  std::int64_t account_id = 0;
  std::string address;                ///< primary, canonical text
  std::vector<std::string> addresses; ///< all it may send from: primary and aliases, canonical
  bool is_staff = false;              ///< moderator or administrator
  bool is_admin = false;
  std::string chat_name = {};    ///< of the account, as others in chat see it (account.proto)
  std::string display_name = {}; ///< may be empty
};

enum class verdict : std::uint8_t {
  right,
  wrong,     ///< name, password, proof: all alike
  locked,    ///< right, but the account is disabled
  throttled, ///< too many failures from there: try later
  temporary, ///< the ACCOUNT could not be asked in time
};

struct answer {
  verdict result = verdict::temporary;
  identity who;                 ///< verdict::right
  sasl::salt salt;              ///< answers want_salt
  std::string server_signature; ///< answers check_proof
};

} // namespace hamlet::auth
