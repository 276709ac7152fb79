// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/tls/handles.hpp"

#include <cstdint>
#include <string>

struct X509_req_st;
struct X509_crl_st;
struct x509_store_st;
struct x509_store_ctx_st;

// For the files of this folder: OpenSSL's things that lib/tls has no use for.

namespace hamlet::pki {

using tls::handle;
using tls::openssl_failure;

struct free_more {
  void operator()(X509_req_st* x) const;
  void operator()(X509_crl_st* x) const;
  void operator()(x509_store_st* x) const;
  void operator()(x509_store_ctx_st* x) const;
};

template <class T>
using owned = std::unique_ptr<T, free_more>;

// From PEM; nullptr: it is none.
handle<x509_st> certificate_of(const std::string& pem);
handle<evp_pkey_st> key_of(const std::string& pem);
owned<X509_req_st> request_of(const std::string& pem);
owned<X509_crl_st> revocations_of(const std::string& pem);

std::string to_pem(const X509_req_st& request);
std::string to_pem(const X509_crl_st& list);

/// A key on the curve P-256; nullptr: OpenSSL has failed.
handle<evp_pkey_st> new_key();
bool is_p256(const evp_pkey_st& key);

std::string serial_of(const x509_st& certificate); ///< in lower-case hex
std::int64_t end_of(const x509_st& certificate);   ///< seconds since 1970; 0: unreadable

/// The first entry of this kind (NID_…) in the subject.
std::string subject_entry(const x509_st& certificate, int kind);

} // namespace hamlet::pki
