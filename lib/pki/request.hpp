// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"

#include <string>

namespace hamlet::pki {

/// A fresh key of a node, and what it asks the authority to sign: both PEM.
struct certificate_request {
  std::string key;
  std::string
    request; ///< PKCS #10 (RFC 2986): the public key, and proof that it has the other half
};

/// errc::bad_request: is_name() says no.
result<certificate_request> make_request(const std::string& node);

/// The same for a key that is there already.
result<std::string> make_request(const std::string& node, const std::string& key_pem);

} // namespace hamlet::pki
