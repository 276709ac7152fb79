// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"

#include <memory>
#include <string>

struct bio_st;
struct evp_pkey_st;
struct ssl_ctx_st;
struct ssl_st;
struct x509_st;

// For the files of this folder: owners of OpenSSL's things, without its headers.

namespace hamlet::tls {

struct free_handle {
  void operator()(bio_st* x) const;
  void operator()(evp_pkey_st* x) const;
  void operator()(ssl_ctx_st* x) const;
  void operator()(ssl_st* x) const;
  void operator()(x509_st* x) const;
};

template <class T>
using handle = std::unique_ptr<T, free_handle>;

/// errc::bad_setup with what OpenSSL says of its latest failure.
tl::unexpected<error> openssl_failure(const std::string& doing);

} // namespace hamlet::tls
