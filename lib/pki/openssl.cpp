// SPDX-License-Identifier: Apache-2.0
#include "lib/pki/openssl.hpp"

#include "lib/text/ascii.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <ctime>

namespace hamlet::pki {

namespace {

handle<bio_st> reader(const std::string& text) {
  return handle<bio_st>{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
}

/// A key with a pass phrase is no key of ours: nobody is asked on a terminal.
int no_phrase(char*, int, int, void*) {
  return -1;
}

template <class Handle, class Read>
Handle read_pem(const std::string& pem, Read read) {
  auto in = reader(pem);
  Handle found{in ? read(in.get(), nullptr, no_phrase, nullptr) : nullptr};
  ERR_clear_error();
  return found;
}

template <class Write>
std::string write_pem(Write write) {
  handle<bio_st> memory{BIO_new(BIO_s_mem())};
  write(memory.get());
  char* data = nullptr;
  auto size = BIO_get_mem_data(memory.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

} // namespace

void free_more::operator()(X509_req_st* x) const {
  X509_REQ_free(x);
}
void free_more::operator()(X509_crl_st* x) const {
  X509_CRL_free(x);
}
void free_more::operator()(x509_store_st* x) const {
  X509_STORE_free(x);
}
void free_more::operator()(x509_store_ctx_st* x) const {
  X509_STORE_CTX_free(x);
}

handle<x509_st> certificate_of(const std::string& pem) {
  return read_pem<handle<x509_st>>(pem, PEM_read_bio_X509);
}
handle<evp_pkey_st> key_of(const std::string& pem) {
  return read_pem<handle<evp_pkey_st>>(pem, PEM_read_bio_PrivateKey);
}
owned<X509_req_st> request_of(const std::string& pem) {
  return read_pem<owned<X509_req_st>>(pem, PEM_read_bio_X509_REQ);
}
owned<X509_crl_st> revocations_of(const std::string& pem) {
  return read_pem<owned<X509_crl_st>>(pem, PEM_read_bio_X509_CRL);
}

std::string to_pem(const X509_req_st& request) {
  return write_pem([&](BIO* to) { PEM_write_bio_X509_REQ(to, const_cast<X509_REQ*>(&request)); });
}
std::string to_pem(const X509_crl_st& list) {
  return write_pem([&](BIO* to) { PEM_write_bio_X509_CRL(to, const_cast<X509_CRL*>(&list)); });
}

handle<evp_pkey_st> new_key() {
  return handle<evp_pkey_st>{EVP_EC_gen("P-256")};
}

bool is_p256(const evp_pkey_st& key) {
  char group[32] = {};
  std::size_t size = 0;
  auto known = EVP_PKEY_get_group_name(&key, group, sizeof group, &size) == 1;
  ERR_clear_error();
  return known && std::string_view{group, size} == "prime256v1";
}

std::string serial_of(const x509_st& certificate) {
  auto* number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(&certificate), nullptr);
  auto* text = BN_bn2hex(number);
  auto serial = text ? ascii::lowered(text) : std::string{};
  OPENSSL_free(text);
  BN_free(number);
  return serial;
}

std::int64_t end_of(const x509_st& certificate) {
  std::tm at = {};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(&certificate), &at) != 1)
    return 0;
  return ::timegm(&at);
}

std::string subject_entry(const x509_st& certificate, int kind) {
  auto* subject = X509_get_subject_name(&certificate);
  auto at = X509_NAME_get_index_by_NID(subject, kind, -1);
  if (at < 0)
    return {};
  auto* text = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at));
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(ASN1_STRING_length(text))};
}

} // namespace hamlet::pki
