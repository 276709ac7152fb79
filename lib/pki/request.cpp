// SPDX-License-Identifier: Apache-2.0
#include "lib/pki/request.hpp"

#include "lib/pki/names.hpp"
#include "lib/pki/openssl.hpp"
#include "lib/tls/certificate.hpp"

#include <openssl/x509.h>

namespace hamlet::pki {

namespace {

result<std::string> request_for(const std::string& node, evp_pkey_st* key) {
  if (!is_name(node))
    return fail(errc::bad_request, '"' + node + "\" cannot be the name of a node");
  owned<X509_req_st> made{X509_REQ_new()};
  auto* name = made ? X509_REQ_get_subject_name(made.get()) : nullptr;
  auto* text = reinterpret_cast<const unsigned char*>(node.c_str());
  if (!key || !made || X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, text, -1, -1, 0) != 1
      || X509_REQ_set_pubkey(made.get(), key) != 1
      || X509_REQ_sign(made.get(), key, EVP_sha256()) <= 0)
    return openssl_failure("certificate request");
  return to_pem(*made);
}

} // namespace

result<certificate_request> make_request(const std::string& node) {
  auto key = new_key();
  auto request = request_for(node, key.get());
  if (!request)
    return tl::unexpected{request.error()};
  return certificate_request{tls::to_pem(*key), std::move(*request)};
}

result<std::string> make_request(const std::string& node, const std::string& key_pem) {
  return request_for(node, key_of(key_pem).get());
}

} // namespace hamlet::pki
