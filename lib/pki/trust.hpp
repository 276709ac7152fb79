// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/pki/revocation.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

struct x509_st;
struct x509_store_st; // OpenSSL stays inside lib/pki

namespace hamlet::pki {

/// What is to be said of a certificate. Only `good` opens a door.
enum class verdict : std::uint8_t {
  good,
  unreadable,      ///< or none at all
  wrong_authority, ///< signed by somebody else, or not for nodes
  not_yet_valid,
  expired,
  wrong_cluster,
  no_name,    ///< it names no node, or no administrator
  wrong_name, ///< a node that is not expected here
  revoked,
};

/// For the log: "signed by another authority".
std::string_view to_string(verdict x);

struct judgement {
  verdict what = verdict::unreadable;
  std::string node;   ///< its name, as far as it could be read
  std::string serial; ///< the same
  bool good() const { return what == verdict::good; }
};

/// The same of an administrator.
struct admin_judgement {
  verdict what = verdict::unreadable;
  std::string name;
  std::string role;
  std::string serial;
  bool good() const { return what == verdict::good; }
};

/// Which names may be on the other end.
using expectation = std::function<bool(std::string_view node)>;

/// Whom a node believes: the authority of its cluster, and what that has taken back. A cheap handle
/// to what never changes; any thread.
class trust {
public:
  /// errc::bad_setup: `authority_pem` holds no certificate of an authority, or the list is not its.
  static result<trust> load(const std::string& authority_pem, const std::string& revocations_pem);

  /// The only judge of a peer's certificate: chain and dates (RFC 5280 §6), cluster, name,
  /// revocation. @param now Seconds since 1970. @param expected Empty: any node of the cluster.
  judgement check(const std::string& certificate_pem, std::int64_t now,
                  const expectation& expected = {}) const;

  /// The same of one who administers: what is good here is no node, and the other way round.
  admin_judgement check_admin(const std::string& certificate_pem, std::int64_t now) const;

  /// The same with another list. errc::bad_request: it is not of this authority, or older.
  result<trust> with(const std::string& revocations_pem) const;

  const std::string& cluster() const { return cluster_; }
  const std::string& authority_pem() const { return authority_; }
  const revocation_list& revocations() const { return *revocations_; }

private:
  trust() = default;
  verdict judge(const x509_st& certificate, std::int64_t now) const;

  std::string authority_, cluster_;
  std::shared_ptr<x509_store_st> store_;
  std::shared_ptr<const revocation_list> revocations_;
};

} // namespace hamlet::pki
