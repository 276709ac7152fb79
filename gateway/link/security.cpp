// SPDX-License-Identifier: Apache-2.0
#include "gateway/link/security_impl.hpp"
#include "lib/log/log.hpp"

#include <grpcpp/security/tls_credentials_options.h>

#include <cstdlib>
#include <grpc/support/log.h>

namespace hamlet::link {

namespace {

using namespace grpc::experimental;

// gRPC reads this when it makes its first TLS context. The suite is for TLS 1.2 and RSA keys: no
// node has one, so that TLS 1.3 is all that is left. Set before main(), while there is one thread.
const bool is_prepared = [] {
  ::setenv("GRPC_SSL_CIPHER_SUITES", "ECDHE-RSA-AES256-GCM-SHA384", 1);
  gpr_set_log_function([](gpr_log_func_args* x) {
    if (x->severity == GPR_LOG_SEVERITY_ERROR)
      log::debug("link", "gRPC says", {{"text", x->message}});
  });
  return true;
}();

class verifier final : public ExternalCertificateVerifier {
public:
  explicit verifier(certificate_judge judge) : judge_{std::move(judge)} {}

  bool Verify(TlsCustomVerificationCheckRequest* request, std::function<void(grpc::Status)>,
              grpc::Status* status) override {
    auto pem = request->peer_cert();
    *status = judge_(std::string{pem.data(), pem.size()})
                ? grpc::Status::OK
                : grpc::Status{grpc::StatusCode::UNAUTHENTICATED, "not a node of this cluster"};
    return true; // judged at once
  }
  void Cancel(TlsCustomVerificationCheckRequest*) override {}

private:
  certificate_judge judge_;
};

template <class Options>
void fill_in(Options& x, certificate_judge judge) {
  x.watch_identity_key_cert_pairs();
  x.set_certificate_verifier(ExternalCertificateVerifier::Create<verifier>(std::move(judge)));
  x.set_check_call_host(false); // our verifier knows whom it expects
}

std::shared_ptr<CertificateProviderInterface> provider_of(const pki::identity& own) {
  return std::make_shared<StaticDataCertificateProvider>(
    std::vector{IdentityKeyCertPair{own.key, own.certificate}});
}

} // namespace

std::shared_ptr<grpc::ServerCredentials> server_credentials(const pki::identity& own,
                                                            certificate_judge judge) {
  TlsServerCredentialsOptions x{provider_of(own)};
  fill_in(x, std::move(judge));
  x.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_BUT_DONT_VERIFY);
  return TlsServerCredentials(x);
}

std::shared_ptr<grpc::ChannelCredentials> client_credentials(const pki::identity& own,
                                                             certificate_judge judge) {
  TlsChannelCredentialsOptions x;
  x.set_certificate_provider(provider_of(own));
  fill_in(x, std::move(judge));
  x.set_verify_server_certs(false);
  return TlsCredentials(x);
}

std::string certificate_of(const grpc::AuthContext& peer) {
  auto found = peer.FindPropertyValues("x509_pem_cert");
  return found.empty() ? std::string{} : std::string{found[0].data(), found[0].size()};
}

} // namespace hamlet::link
