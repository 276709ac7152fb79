// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "lib/pki/openssl.hpp"

#include <string>
#include <vector>

namespace hamlet::pki {

constexpr std::int64_t day = 24 * 3600;
constexpr std::int64_t authority_life = 3650 * day; ///< of its own certificate
constexpr std::int64_t node_life = 730 * day;       ///< of a node's
constexpr std::int64_t renewal_due = 60 * day;      ///< before the end: somebody should be told

/// A certificate that was made, as the books have it.
struct issued {
  std::string pem;
  std::string serial; ///< lower-case hex
  std::int64_t not_after = 0;
};

/// A certificate that is good no more.
struct revoked {
  std::string serial;
  std::int64_t since = 0; ///< seconds since 1970
};

/// The authority of one cluster: ECDSA on P-256, the cluster's name in its subject. It signs
/// certificates of nodes and administrators, and nothing else. All failures are errc::bad_setup but
/// where said.
class authority {
public:
  /// errc::bad_request: is_name() says no to the cluster's name.
  static result<authority> make(const std::string& cluster, std::int64_t now);
  static result<authority> load(const std::string& certificate_pem, const std::string& key_pem);

  /// A certificate for `node`, whatever name the request has; both ends of a connection may show
  /// it. errc::bad_request: a bad name, or a request that is unreadable, not signed by its own key
  /// or not on P-256.
  result<issued> sign(const std::string& request_pem, const std::string& node, std::int64_t now,
                      std::int64_t life = node_life) const;

  /// A certificate for an administrator, who shows it to nodes and listens nowhere.
  /// errc::bad_request: as above.
  result<issued> sign_admin(const std::string& request_pem, const std::string& name,
                            const std::string& role, std::int64_t now, std::int64_t life) const;

  /// The same key and name with a later end: what it has signed stays good.
  result<authority> renewed(std::int64_t now) const;

  /// The list of all that are good no more, signed (RFC 5280 §5). @param number Grows each time.
  result<std::string> list(const std::vector<revoked>& all, std::uint64_t number,
                           std::int64_t now) const;

  const std::string& cluster() const { return cluster_; }
  std::string certificate_pem() const;
  std::string key_pem() const; ///< a secret
  std::int64_t not_after() const;
  std::string fingerprint() const;

private:
  result<issued> issue(const std::string& request_pem, const std::string& common,
                       const std::string& host, const std::string& usage, std::int64_t now,
                       std::int64_t life) const;
  authority(handle<x509_st> certificate, handle<evp_pkey_st> key, std::string cluster)
      : certificate_{std::move(certificate)}, key_{std::move(key)}, cluster_{std::move(cluster)} {}
  static result<authority> make(const std::string& cluster, handle<evp_pkey_st> key,
                                std::int64_t now);

  handle<x509_st> certificate_;
  handle<evp_pkey_st> key_;
  std::string cluster_;
};

} // namespace hamlet::pki
