// SPDX-License-Identifier: Apache-2.0
#include "lib/pki/authority.hpp"

#include "lib/crypto/random.hpp"
#include "lib/pki/names.hpp"
#include "lib/tls/certificate.hpp"

#include <openssl/bn.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

namespace hamlet::pki {

namespace {

constexpr std::int64_t skew = 3600; // clocks of nodes differ

bool extend(X509* cert, X509* issuer, int what, const std::string& text) {
  X509V3_CTX about = {};
  X509V3_set_ctx_nodb(&about);
  X509V3_set_ctx(&about, issuer, cert, nullptr, nullptr, 0);
  auto* extension = X509V3_EXT_conf_nid(nullptr, &about, what, text.c_str());
  auto added = extension && X509_add_ext(cert, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return added;
}

bool set_name(X509_NAME* name, const std::string& cluster, const std::string& common) {
  auto add = [name](const char* field, const std::string& text) {
    return X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8,
                                      reinterpret_cast<const unsigned char*>(text.c_str()), -1, -1,
                                      0)
           == 1;
  };
  return add("O", cluster) && add("CN", common);
}

/// RFC 5280 §4.1.2.2: positive, at most 20 octets.
bool set_serial(X509* cert) {
  auto octets = crypto::random_bytes(16);
  octets[0] = static_cast<char>((octets[0] & 0x3F) | 0x40); // so that its text has a fixed length
  auto* number = BN_bin2bn(reinterpret_cast<const unsigned char*>(octets.data()),
                           static_cast<int>(octets.size()), nullptr);
  auto set = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert));
  BN_free(number);
  return set;
}

bool set_times(X509* cert, std::int64_t from, std::int64_t until) {
  return ASN1_TIME_set(X509_getm_notBefore(cert), from)
         && ASN1_TIME_set(X509_getm_notAfter(cert), until);
}

/// What every certificate has; `issuer` may be the certificate itself.
bool fill_in(X509* cert, X509* issuer, EVP_PKEY* key, std::int64_t now, std::int64_t life) {
  return X509_set_version(cert, 2) == 1 // the number of version 3, which has extensions
         && set_serial(cert) && set_times(cert, now - skew, now + life)
         && X509_set_pubkey(cert, key) == 1
         && X509_set_issuer_name(cert, X509_get_subject_name(issuer)) == 1
         && extend(cert, issuer, NID_subject_key_identifier, "hash")
         && extend(cert, issuer, NID_authority_key_identifier, "keyid:always");
}

bool revoke(X509_CRL* list, const revoked& x) {
  BIGNUM* number = nullptr;
  auto* entry = X509_REVOKED_new();
  auto* since = ASN1_TIME_set(nullptr, x.since);
  auto* serial = BN_hex2bn(&number, x.serial.c_str()) == static_cast<int>(x.serial.size())
                   ? BN_to_ASN1_INTEGER(number, nullptr)
                   : nullptr;
  auto added = entry && since && serial && X509_REVOKED_set_serialNumber(entry, serial) == 1
               && X509_REVOKED_set_revocationDate(entry, since) == 1
               && X509_CRL_add0_revoked(list, entry) == 1;
  if (!added)
    X509_REVOKED_free(entry);
  BN_free(number);
  ASN1_TIME_free(since);
  ASN1_INTEGER_free(serial);
  return added;
}

bool set_number(X509_CRL* list, std::uint64_t number) {
  auto* value = ASN1_INTEGER_new();
  auto set = value && ASN1_INTEGER_set_uint64(value, number) == 1
             && X509_CRL_add1_ext_i2d(list, NID_crl_number, value, 0, 0) == 1;
  ASN1_INTEGER_free(value);
  return set;
}

bool set_times(X509_CRL* list, std::int64_t from, std::int64_t until) {
  auto* first = ASN1_TIME_set(nullptr, from);
  auto* last = ASN1_TIME_set(nullptr, until);
  auto set = first && last && X509_CRL_set1_lastUpdate(list, first) == 1
             && X509_CRL_set1_nextUpdate(list, last) == 1;
  ASN1_TIME_free(first);
  ASN1_TIME_free(last);
  return set;
}

} // namespace

result<authority> authority::make(const std::string& cluster, std::int64_t now) {
  if (!is_name(cluster))
    return fail(errc::bad_request, '"' + cluster + "\" cannot be the name of a cluster");
  return make(cluster, new_key(), now);
}

result<authority> authority::make(const std::string& cluster, handle<evp_pkey_st> key,
                                  std::int64_t now) {
  handle<x509_st> cert{X509_new()};
  auto* x = cert.get();
  auto made = key && x && set_name(X509_get_subject_name(x), cluster, "Hamlet authority")
              && fill_in(x, x, key.get(), now, authority_life)
              && extend(x, x, NID_basic_constraints, "critical,CA:TRUE,pathlen:0")
              && extend(x, x, NID_key_usage, "critical,keyCertSign,cRLSign")
              && X509_sign(x, key.get(), EVP_sha256()) > 0;
  if (!made)
    return openssl_failure("certificate of the authority");
  return authority{std::move(cert), std::move(key), cluster};
}

result<authority> authority::load(const std::string& certificate_pem, const std::string& key_pem) {
  auto cert = certificate_of(certificate_pem);
  auto key = key_of(key_pem);
  if (!cert || !key || X509_check_private_key(cert.get(), key.get()) != 1)
    return openssl_failure("the certificate of the authority and its key do not fit");
  auto cluster = subject_entry(*cert, NID_organizationName);
  if (!is_name(cluster))
    return fail(errc::bad_setup, "the certificate of the authority names no cluster");
  return authority{std::move(cert), std::move(key), std::move(cluster)};
}

result<issued> authority::sign(const std::string& request_pem, const std::string& node,
                               std::int64_t now, std::int64_t life) const {
  if (!is_name(node))
    return fail(errc::bad_request, '"' + node + "\" cannot be the name of a node");
  return issue(request_pem, node, node_host(node), "serverAuth,clientAuth", now, life);
}

result<issued> authority::sign_admin(const std::string& request_pem, const std::string& name,
                                     const std::string& role, std::int64_t now,
                                     std::int64_t life) const {
  if (!is_name(name) || !is_name(role))
    return fail(errc::bad_request, '"' + name + "\" cannot be the name of an administrator");
  return issue(request_pem, name, admin_host(name, role), "clientAuth", now, life);
}

result<issued> authority::issue(const std::string& request_pem, const std::string& common,
                                const std::string& host, const std::string& usage, std::int64_t now,
                                std::int64_t life) const {
  auto request = request_of(request_pem);
  auto* key = request ? X509_REQ_get0_pubkey(request.get()) : nullptr;
  if (!key || !is_p256(*key) || X509_REQ_verify(request.get(), key) != 1)
    return fail(errc::bad_request, "no request for a certificate, or not signed by its own key");
  handle<x509_st> cert{X509_new()};
  auto* x = cert.get();
  auto names = "DNS:" + host + ",DNS:" + cluster_host(cluster_);
  auto made =
    x && set_name(X509_get_subject_name(x), cluster_, common)
    && fill_in(x, certificate_.get(), key, now, life) && extend(x, x, NID_subject_alt_name, names)
    && extend(x, x, NID_basic_constraints, "critical,CA:FALSE")
    && extend(x, x, NID_key_usage, "critical,digitalSignature")
    && extend(x, x, NID_ext_key_usage, usage) && X509_sign(x, key_.get(), EVP_sha256()) > 0;
  if (!made)
    return openssl_failure("certificate of " + common);
  return issued{tls::to_pem(*cert), serial_of(*cert), end_of(*cert)};
}

result<authority> authority::renewed(std::int64_t now) const {
  auto again = key_of(key_pem());
  return make(cluster_, std::move(again), now);
}

result<std::string> authority::list(const std::vector<revoked>& all, std::uint64_t number,
                                    std::int64_t now) const {
  owned<X509_crl_st> made{X509_CRL_new()};
  auto* x = made.get();
  auto good = x && X509_CRL_set_version(x, 1) == 1
              && X509_CRL_set_issuer_name(x, X509_get_subject_name(certificate_.get())) == 1
              && set_times(x, now, now + authority_life) && set_number(x, number);
  for (auto& one : all)
    good = good && revoke(x, one);
  if (!good || X509_CRL_sort(x) != 1 || X509_CRL_sign(x, key_.get(), EVP_sha256()) <= 0)
    return openssl_failure("list of revoked certificates");
  return to_pem(*made);
}

std::string authority::certificate_pem() const {
  return tls::to_pem(*certificate_);
}
std::string authority::key_pem() const {
  return tls::to_pem(*key_);
}
std::int64_t authority::not_after() const {
  return end_of(*certificate_);
}
std::string authority::fingerprint() const {
  return tls::fingerprint(*certificate_);
}

} // namespace hamlet::pki
