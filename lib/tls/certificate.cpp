// SPDX-License-Identifier: Apache-2.0
#include "lib/tls/certificate.hpp"

#include "lib/crypto/digest.hpp"
#include "lib/crypto/random.hpp"
#include "lib/text/ascii.hpp"
#include "lib/text/hex.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>

namespace hamlet::tls {

namespace {

// Apple's systems take no longer one, not even when its owner trusts it by hand.
constexpr long life_of_self_signed = 825L * 24 * 3600;
constexpr std::size_t max_host = 253;
constexpr std::size_t max_common_name = 64; // RFC 5280, appendix A.1: ub-common-name

bool is_address(const std::string& host) {
  auto* address = a2i_IPADDRESS(host.c_str());
  ASN1_OCTET_STRING_free(address);
  ERR_clear_error();
  return address != nullptr;
}

// Everything else would be syntax in the extension's text.
bool is_host(const std::string& host) {
  return !host.empty() && host.size() <= max_host && std::ranges::all_of(host, [](char x) {
    x = ascii::lower(x);
    return (x >= 'a' && x <= 'z') || ascii::is_digit(x) || x == '.' || x == '-' || x == ':';
  });
}

bool extend(X509* cert, int what, const std::string& text) {
  X509V3_CTX about = {};
  X509V3_set_ctx_nodb(&about);
  X509V3_set_ctx(&about, cert, cert, nullptr, nullptr, 0);
  auto* extension = X509V3_EXT_conf_nid(nullptr, &about, what, text.c_str());
  auto added = extension && X509_add_ext(cert, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return added;
}

bool set_subject(X509* cert, const std::string& host) {
  auto text = host.size() <= max_common_name ? host : "hamlet";
  auto* name = X509_get_subject_name(cert);
  return X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(text.c_str()), -1, -1, 0)
           == 1
         && X509_set_issuer_name(cert, name) == 1;
}

// Clients that know a certificate of the same issuer refuse another of the same number.
bool set_serial(X509* cert) {
  auto octets = crypto::random_bytes(sizeof(std::uint64_t));
  std::uint64_t number = 0;
  for (auto x : octets)
    number = number << 8 | static_cast<unsigned char>(x);
  return ASN1_INTEGER_set_uint64(X509_get_serialNumber(cert), number >> 1) == 1;
}

bool fill_in(X509* cert, EVP_PKEY* key, const std::string& host) {
  auto names = (is_address(host) ? "IP:" : "DNS:") + host + ",DNS:localhost,IP:127.0.0.1";
  return X509_set_version(cert, 2) == 1 // the number of version 3, which has extensions
         && set_serial(cert) && X509_gmtime_adj(X509_getm_notBefore(cert), 0)
         && X509_gmtime_adj(X509_getm_notAfter(cert), life_of_self_signed)
         && X509_set_pubkey(cert, key) == 1 && set_subject(cert, host)
         && extend(cert, NID_subject_alt_name, names)
         && extend(cert, NID_basic_constraints, "critical,CA:FALSE")
         && extend(cert, NID_key_usage, "critical,digitalSignature")
         && extend(cert, NID_ext_key_usage, "serverAuth")
         && extend(cert, NID_subject_key_identifier, "hash")
         && X509_sign(cert, key, EVP_sha256()) > 0;
}

std::string text_of(const ASN1_STRING* s) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(s)),
          static_cast<std::size_t>(ASN1_STRING_length(s))};
}

std::string content_of(BIO* memory) {
  char* data = nullptr;
  auto size = BIO_get_mem_data(memory, &data);
  return {data, static_cast<std::size_t>(size)};
}

} // namespace

result<key_pair> make_self_signed(const std::string& host) {
  if (!is_host(host))
    return fail(errc::bad_setup, "no certificate can be made for the host \"" + host + '"');
  key_pair made{handle<evp_pkey_st>{EVP_EC_gen("P-256")}, handle<x509_st>{X509_new()}};
  if (!made.key || !made.certificate || !fill_in(made.certificate.get(), made.key.get(), host))
    return openssl_failure("self-signed certificate");
  return made;
}

std::vector<std::string> names_of(const x509_st& certificate) {
  std::vector<std::string> names;
  auto* alternatives = static_cast<GENERAL_NAMES*>(
    X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; i < sk_GENERAL_NAME_num(alternatives); ++i)
    if (auto* name = sk_GENERAL_NAME_value(alternatives, i); name->type == GEN_DNS)
      names.push_back(ascii::lowered(text_of(name->d.dNSName)));
  GENERAL_NAMES_free(alternatives);
  auto* subject = X509_get_subject_name(&certificate);
  auto at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (names.empty() && at >= 0)
    names.push_back(
      ascii::lowered(text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)))));
  return names;
}

handle<x509_st> read_certificate(const std::string& pem_file) {
  handle<bio_st> file{BIO_new_file(pem_file.c_str(), "r")};
  handle<x509_st> found;
  if (file)
    found.reset(PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  return found;
}

bool names_host(const x509_st& certificate, const std::string& host) {
  auto* cert = const_cast<X509*>(&certificate); // OpenSSL's prototype, not its deed
  return is_address(host) ? X509_check_ip_asc(cert, host.c_str(), 0) == 1
                          : X509_check_host(cert, host.data(), host.size(), 0, nullptr) == 1;
}

bool has_key(const x509_st& certificate, const evp_pkey_st& key) {
  auto fits = X509_check_private_key(&certificate, &key) == 1;
  ERR_clear_error();
  return fits;
}

bool is_valid_for(const x509_st& certificate, long seconds) {
  auto then = std::time(nullptr) + seconds;
  return X509_cmp_time(X509_get0_notAfter(&certificate), &then) > 0;
}

std::string to_pem(const x509_st& certificate) {
  handle<bio_st> memory{BIO_new(BIO_s_mem())};
  PEM_write_bio_X509(memory.get(), const_cast<X509*>(&certificate));
  return content_of(memory.get());
}

std::string to_pem(const evp_pkey_st& key) {
  handle<bio_st> memory{BIO_new(BIO_s_secmem())}; // wiped when freed
  PEM_write_bio_PrivateKey(memory.get(), const_cast<EVP_PKEY*>(&key), nullptr, nullptr, 0, nullptr,
                           nullptr);
  return content_of(memory.get());
}

std::string fingerprint(const x509_st& certificate) {
  unsigned char octets[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (X509_digest(&certificate, EVP_sha256(), octets, &size) != 1) {
    ERR_clear_error();
    return {};
  }
  return to_hex({reinterpret_cast<const char*>(octets), size});
}

std::string end_point_hash(const x509_st& certificate) {
  int hash = NID_undef;
  X509_get_signature_info(const_cast<X509*>(&certificate), &hash, nullptr, nullptr, nullptr);
  if (hash == NID_md5 || hash == NID_sha1)
    hash = NID_sha256;
  auto* kind = EVP_get_digestbynid(hash);
  unsigned char octets[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (!kind || X509_digest(&certificate, kind, octets, &size) != 1) {
    ERR_clear_error();
    return {};
  }
  return {reinterpret_cast<const char*>(octets), size};
}

} // namespace hamlet::tls
