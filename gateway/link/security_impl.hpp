// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/pki/folder.hpp"

#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>

#include <functional>
#include <memory>
#include <string>

// TLS for the link: the only file that knows gRPC's TlsCredentials, which are experimental.

namespace hamlet::link {

/// Judges the certificate of a peer whose key TLS has proven. True: go on. Any thread.
using certificate_judge = std::function<bool(const std::string& pem)>;

std::shared_ptr<grpc::ServerCredentials> server_credentials(const pki::identity& own,
                                                            certificate_judge judge);
std::shared_ptr<grpc::ChannelCredentials> client_credentials(const pki::identity& own,
                                                             certificate_judge judge);

/// The certificate of the client of this call: PEM.
std::string certificate_of(const grpc::AuthContext& peer);

} // namespace hamlet::link
