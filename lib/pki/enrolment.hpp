// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"

#include <string>

// The two texts by which a node joins. They may travel in the open: neither holds a secret, and
// each is proven (HMAC-SHA-256) with what only the new node and the authority know, the token. So
// nobody else gets a certificate, and nobody can give a new node an authority of his own.

namespace hamlet::pki {

/// From the new node to the authority.
struct join_request {
  std::string node;
  std::string token_id;
  std::string request; ///< for its certificate: PEM
};

/// From the authority to the new node.
struct join_response {
  std::string certificate; ///< of the node; this and the next two: PEM
  std::string authority;
  std::string revocations;
};

/// @param key token_record::key
std::string write(const join_request& x, const std::string& key);
std::string write(const join_response& x, const std::string& key);

/// Not proven yet: that needs the key, and that the id. errc::bad_request: it is no such text.
result<join_request> read_join_request(const std::string& text);

/// Was it made with this key?
bool is_proven(const std::string& text, const std::string& key);

/// errc::bad_request: no such text, or not made with this key.
result<join_response> read_join_response(const std::string& text, const std::string& key);

} // namespace hamlet::pki
