// SPDX-License-Identifier: Apache-2.0
#include "tests/gateway/link/support.hpp"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <arpa/inet.h>
#include <csignal>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace hamlet::link {

namespace {

/// A client that speaks this version of TLS at most, with or without a certificate.
/// @return Did the server take it? It says so by the first octets of HTTP/2.
bool is_taken(std::uint16_t port, int version, const pki::identity* who) {
  auto* context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_max_proto_version(context, version);
  if (who) {
    auto* text = BIO_new_mem_buf(who->certificate.data(), -1);
    auto* certificate = PEM_read_bio_X509(text, nullptr, nullptr, nullptr);
    auto* secret = BIO_new_mem_buf(who->key.data(), -1);
    auto* key = PEM_read_bio_PrivateKey(secret, nullptr, nullptr, nullptr);
    SSL_CTX_use_certificate(context, certificate);
    SSL_CTX_use_PrivateKey(context, key);
    X509_free(certificate);
    EVP_PKEY_free(key);
    BIO_free(text);
    BIO_free(secret);
  }
  auto fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to);
  auto* ssl = SSL_new(context);
  constexpr unsigned char protocol[] = {2, 'h', '2'};
  SSL_set_alpn_protos(ssl, protocol, sizeof protocol);
  SSL_set_fd(ssl, fd);
  char first[9];
  auto taken = SSL_connect(ssl) == 1 && SSL_read(ssl, first, sizeof first) == sizeof first;
  SSL_free(ssl);
  SSL_CTX_free(context);
  ::close(fd);
  return taken;
}

TEST(LinkTls, TakesVersion13AloneAndNobodyWithoutACertificate) {
  std::signal(SIGPIPE, SIG_IGN);
  auto ca = *pki::authority::make("tea", unix_seconds());
  test_node good{1, 10, identity_of(ca, "good")};
  auto peer = identity_of(ca, "peer");
  good.on->set_peers({{2, 20, "peer", "127.0.0.1:1"}});
  EXPECT_TRUE(is_taken(good.on->port(), TLS1_3_VERSION, &peer));
  EXPECT_FALSE(is_taken(good.on->port(), TLS1_2_VERSION, &peer));
  EXPECT_FALSE(is_taken(good.on->port(), TLS1_3_VERSION, nullptr));
  EXPECT_FALSE(is_taken(good.on->port(), TLS1_2_VERSION, nullptr));
}

} // namespace

} // namespace hamlet::link
