// SPDX-License-Identifier: Apache-2.0
#include "lib/crypto/digest.hpp"
#include "lib/text/hex.hpp"
#include "lib/tls/certificate.hpp"
#include "tests/lib/tls/support.hpp"

namespace hamlet::tls {

namespace {

/// Under both versions, which have different handshakes and different tickets.
class ClientCertificate : public tls_test, public testing::WithParamInterface<int> {
protected:
  client_options asking() const {
    return {.newest = GetParam(), .asked_for = client_certificate::asked};
  }
  client_options showing(certificate_files own) const {
    auto x = asking();
    x.own = std::move(own);
    return x;
  }

  context ctx = context::self_signed("irc.example").value();
};

std::string hash_of(const certificate_files& files) {
  auto cert = read_certificate(files.chain_file);
  unsigned char* der = nullptr;
  auto size = i2d_X509(cert.get(), &der);
  auto hash =
    to_hex(crypto::sha256({reinterpret_cast<char*>(der), static_cast<std::size_t>(size)}));
  OPENSSL_free(der);
  return hash;
}

} // namespace

TEST_P(ClientCertificate, KnowsTheClientByIt) {
  auto own = make("somebody", "");
  connection c{ctx, showing(own)};
  ASSERT_TRUE(c.is_up());
  EXPECT_TRUE(c.echoes());
  EXPECT_EQ(c.server().peer_fingerprint(), hash_of(own));
  EXPECT_EQ(c.server().peer_fingerprint().size(), 64u);
}

TEST_P(ClientCertificate, IsNotRequired) {
  connection c{ctx, asking()};
  ASSERT_TRUE(c.is_up());
  EXPECT_TRUE(c.echoes());
  EXPECT_EQ(c.server().peer_fingerprint(), "");
}

TEST_P(ClientCertificate, IsUnknownWhereNobodyAsked) {
  connection c{ctx, {.newest = GetParam(), .own = make("somebody", "")}};
  ASSERT_TRUE(c.is_up());
  EXPECT_EQ(c.server().peer_fingerprint(), "");
}

TEST_P(ClientCertificate, IsKnownUnderEachOfOurNames) {
  auto several = context::load({make("a", "DNS:a"), make("b", "DNS:b")}).value();
  auto own = make("somebody", "");
  auto options = showing(own);
  options.server_name = "b";
  connection c{several, options};
  ASSERT_EQ(c.common_name(), "b");
  EXPECT_EQ(c.server().peer_fingerprint(), hash_of(own));
}

TEST_P(ClientCertificate, IsKnownInAResumedSession) {
  auto own = make("somebody", "");
  connection first{ctx, showing(own)};
  ASSERT_TRUE(first.is_up() && first.echoes()); // by then the client has its ticket
  auto again = asking();
  again.resume = SSL_get1_session(first.client());
  connection second{ctx, again};
  SSL_SESSION_free(again.resume);
  ASSERT_TRUE(second.is_up());
  EXPECT_EQ(SSL_session_reused(second.client()), 1);
  EXPECT_EQ(second.server().peer_fingerprint(), hash_of(own));
}

TEST_P(ClientCertificate, IsAskedForAfterASessionThatDidNotAsk) {
  auto own = make("somebody", "");
  connection mail{ctx, {.newest = GetParam()}};
  ASSERT_TRUE(mail.is_up() && mail.echoes());
  auto options = showing(own);
  options.resume = SSL_get1_session(mail.client());
  connection chat{ctx, options};
  SSL_SESSION_free(options.resume);
  ASSERT_TRUE(chat.is_up());
  EXPECT_EQ(SSL_session_reused(chat.client()), 0);
  EXPECT_EQ(chat.server().peer_fingerprint(), hash_of(own));
}

INSTANTIATE_TEST_SUITE_P(Version, ClientCertificate,
                         testing::Values(TLS1_2_VERSION, TLS1_3_VERSION),
                         [](auto& x) { return x.param == TLS1_2_VERSION ? "Tls12" : "Tls13"; });

} // namespace hamlet::tls
