// SPDX-License-Identifier: Apache-2.0
#include "lib/tls/handles.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

namespace hamlet::tls {

void free_handle::operator()(bio_st* x) const {
  BIO_free(x);
}
void free_handle::operator()(evp_pkey_st* x) const {
  EVP_PKEY_free(x);
}
void free_handle::operator()(ssl_ctx_st* x) const {
  SSL_CTX_free(x);
}
void free_handle::operator()(ssl_st* x) const {
  SSL_free(x);
}
void free_handle::operator()(x509_st* x) const {
  X509_free(x);
}

tl::unexpected<error> openssl_failure(const std::string& doing) {
  char text[256] = "unknown";
  if (auto code = ERR_get_error())
    ERR_error_string_n(code, text, sizeof text);
  ERR_clear_error();
  return fail(errc::bad_setup, doing + ": " + text);
}

} // namespace hamlet::tls
