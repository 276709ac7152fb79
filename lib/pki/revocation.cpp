// SPDX-License-Identifier: Apache-2.0
#include "lib/pki/revocation.hpp"

#include "lib/pki/openssl.hpp"
#include "lib/text/ascii.hpp"

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

namespace hamlet::pki {

namespace {

std::string hex_of(const ASN1_INTEGER* serial) {
  auto* number = ASN1_INTEGER_to_BN(serial, nullptr);
  auto* text = BN_bn2hex(number);
  auto hex = text ? ascii::lowered(text) : std::string{};
  OPENSSL_free(text);
  BN_free(number);
  return hex;
}

std::uint64_t number_of(X509_CRL* list) {
  auto* value =
    static_cast<ASN1_INTEGER*>(X509_CRL_get_ext_d2i(list, NID_crl_number, nullptr, nullptr));
  std::uint64_t number = 0;
  if (!value || ASN1_INTEGER_get_uint64(&number, value) != 1)
    number = 0;
  ASN1_INTEGER_free(value);
  return number;
}

bool is_signed(X509_CRL* list, const std::string& authority_pem) {
  auto issuer = certificate_of(authority_pem);
  auto good = issuer
              && X509_NAME_cmp(X509_CRL_get_issuer(list), X509_get_subject_name(issuer.get())) == 0
              && X509_CRL_verify(list, X509_get0_pubkey(issuer.get())) == 1;
  ERR_clear_error();
  return good;
}

} // namespace

result<revocation_list> revocation_list::read(const std::string& pem,
                                              const std::string& authority_pem) {
  if (pem.size() > max_size)
    return fail(errc::bad_request, "the list of revoked certificates is too long");
  auto list = revocations_of(pem);
  if (!list || !is_signed(list.get(), authority_pem))
    return fail(errc::bad_request, "no list of revoked certificates, or of another authority");
  revocation_list made;
  made.number_ = number_of(list.get());
  made.pem_ = pem;
  auto* all = X509_CRL_get_REVOKED(list.get());
  for (int i = 0; i < sk_X509_REVOKED_num(all); ++i)
    made.serials_.insert(hex_of(X509_REVOKED_get0_serialNumber(sk_X509_REVOKED_value(all, i))));
  return made;
}

} // namespace hamlet::pki
