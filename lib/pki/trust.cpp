// SPDX-License-Identifier: Apache-2.0
#include "lib/pki/trust.hpp"

#include "lib/pki/names.hpp"
#include "lib/pki/openssl.hpp"
#include "lib/tls/certificate.hpp"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

namespace hamlet::pki {

namespace {

constexpr std::size_t max_certificate = 16u << 10; // octets of PEM; ours have 900

verdict verdict_of(int code) {
  switch (code) {
  case X509_V_OK: return verdict::good;
  case X509_V_ERR_CERT_NOT_YET_VALID: return verdict::not_yet_valid;
  case X509_V_ERR_CERT_HAS_EXPIRED: return verdict::expired;
  default: return verdict::wrong_authority;
  }
}

verdict verify(x509_store_st* store, X509* cert, std::int64_t now) {
  owned<x509_store_ctx_st> context{X509_STORE_CTX_new()};
  auto* x = context.get();
  if (!x || X509_STORE_CTX_init(x, store, cert, nullptr) != 1)
    return verdict::wrong_authority;
  auto* rules = X509_STORE_CTX_get0_param(x);
  X509_VERIFY_PARAM_set_time(rules, now);
  X509_VERIFY_PARAM_set_purpose(rules, X509_PURPOSE_SSL_CLIENT);
  auto done = X509_verify_cert(x);
  auto code = X509_STORE_CTX_get_error(x);
  ERR_clear_error();
  return done == 1 && code == X509_V_OK ? verdict::good : verdict_of(code);
}

} // namespace

std::string_view to_string(verdict x) {
  switch (x) {
  case verdict::good: return "good";
  case verdict::unreadable: return "no certificate";
  case verdict::wrong_authority: return "signed by another authority";
  case verdict::not_yet_valid: return "not valid yet";
  case verdict::expired: return "expired";
  case verdict::wrong_cluster: return "of another cluster";
  case verdict::no_name: return "names none that may be here";
  case verdict::wrong_name: return "of a node that is not expected";
  case verdict::revoked: return "revoked";
  }
  return "";
}

result<trust> trust::load(const std::string& authority_pem, const std::string& revocations_pem) {
  auto root = certificate_of(authority_pem);
  trust made;
  made.authority_ = authority_pem;
  made.cluster_ = root ? subject_entry(*root, NID_organizationName) : std::string{};
  made.store_.reset(X509_STORE_new(), free_more{});
  if (!root || !is_name(made.cluster_) || X509_check_ca(root.get()) != 1 || !made.store_
      || X509_STORE_add_cert(made.store_.get(), root.get()) != 1) {
    ERR_clear_error();
    return fail(errc::bad_setup, "no certificate of a cluster's authority");
  }
  auto list = revocation_list{};
  if (!revocations_pem.empty()) {
    auto read = revocation_list::read(revocations_pem, authority_pem);
    if (!read)
      return fail(errc::bad_setup, read.error().detail);
    list = std::move(*read);
  }
  made.revocations_ = std::make_shared<const revocation_list>(std::move(list));
  return made;
}

/// All but the name.
verdict trust::judge(const x509_st& certificate, std::int64_t now) const {
  auto found = verify(store_.get(), const_cast<X509*>(&certificate), now);
  if (found != verdict::good)
    return found;
  std::string cluster;
  for (auto& host : tls::names_of(certificate))
    if (auto name = cluster_of(host); !name.empty() && cluster.empty())
      cluster = name;
  if (cluster != cluster_)
    return verdict::wrong_cluster;
  return revocations_->has(serial_of(certificate)) ? verdict::revoked : verdict::good;
}

judgement trust::check(const std::string& certificate_pem, std::int64_t now,
                       const expectation& expected) const {
  judgement found;
  auto cert = certificate_pem.size() <= max_certificate ? certificate_of(certificate_pem) : nullptr;
  if (!cert)
    return found;
  found.serial = serial_of(*cert);
  for (auto& host : tls::names_of(*cert))
    if (auto node = node_of(host); !node.empty() && found.node.empty())
      found.node = node;
  found.what = judge(*cert, now);
  if (!found.good() && found.what != verdict::revoked)
    return found;
  if (found.node.empty())
    found.what = verdict::no_name;
  else if (found.good() && expected && !expected(found.node))
    found.what = verdict::wrong_name;
  return found;
}

admin_judgement trust::check_admin(const std::string& certificate_pem, std::int64_t now) const {
  admin_judgement found;
  auto cert = certificate_pem.size() <= max_certificate ? certificate_of(certificate_pem) : nullptr;
  if (!cert)
    return found;
  found.serial = serial_of(*cert);
  for (auto& host : tls::names_of(*cert))
    if (auto [name, role] = admin_of(host); !name.empty() && found.name.empty()) {
      found.name = name;
      found.role = role;
    }
  found.what = judge(*cert, now);
  if (found.good() && found.name.empty())
    found.what = verdict::no_name;
  return found;
}

result<trust> trust::with(const std::string& revocations_pem) const {
  auto list = revocation_list::read(revocations_pem, authority_);
  if (!list)
    return tl::unexpected{list.error()};
  if (list->number() < revocations_->number())
    return fail(errc::bad_request, "an older list of revoked certificates");
  auto made = *this;
  made.revocations_ = std::make_shared<const revocation_list>(std::move(*list));
  return made;
}

} // namespace hamlet::pki
