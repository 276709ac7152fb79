// SPDX-License-Identifier: Apache-2.0
#include "lib/crypto/digest.hpp"
#include "tests/lib/tls/support.hpp"

namespace hamlet::tls {

namespace {

class Channel : public tls_test {};

std::string exporter_of(SSL* client) {
  unsigned char out[32];
  SSL_export_keying_material(client, out, sizeof out, "EXPORTER-Channel-Binding", 24, nullptr, 0,
                             0);
  return {reinterpret_cast<char*>(out), sizeof out};
}

std::string certificate_seen_by(SSL* client) {
  unsigned char* der = nullptr;
  auto size = i2d_X509(SSL_get0_peer_certificate(client), &der);
  std::string out{reinterpret_cast<char*>(der), static_cast<std::size_t>(size)};
  OPENSSL_free(der);
  return out;
}

std::string hash_of(const EVP_MD* kind, std::string_view bytes) {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  EVP_Digest(bytes.data(), bytes.size(), out, &size, kind, nullptr);
  return {reinterpret_cast<char*>(out), size};
}

} // namespace

TEST_F(Channel, CarriesBytesBothWays) {
  connection c{context::self_signed("mail.example.org").value()};
  ASSERT_TRUE(c.is_up());
  EXPECT_TRUE(c.echoes());
}

TEST_F(Channel, BindsByTheExporterOfBothSides) { // RFC 9266 §2
  connection c{context::self_signed("mail.example.org").value()};
  ASSERT_TRUE(c.is_up());
  EXPECT_EQ(c.server().binding().tls_exporter, exporter_of(c.client()));
  connection other{context::self_signed("mail.example.org").value()};
  EXPECT_NE(c.server().binding().tls_exporter, other.server().binding().tls_exporter);
}

TEST_F(Channel, HasNoExporterBindingUnderTls12) { // RFC 9266 §3
  connection c{context::self_signed("mail.example.org").value(), {.newest = TLS1_2_VERSION}};
  ASSERT_TRUE(c.is_up());
  EXPECT_EQ(c.server().binding().tls_exporter, "");
  EXPECT_EQ(c.server().binding().tls_server_end_point,
            crypto::sha256(certificate_seen_by(c.client())));
}

TEST_F(Channel, BindsByTheHashOfTheSignature) { // RFC 5929 §4.1
  struct {
    const EVP_MD* signature;
    const EVP_MD* binding;
  } table[] = {
    {EVP_sha256(), EVP_sha256()},
    {EVP_sha384(), EVP_sha384()},
    {EVP_sha512(), EVP_sha512()},
    {EVP_sha1(), EVP_sha256()},
  };
  for (auto& [signature, binding] : table) {
    auto files = make("mail.example.org", "DNS:mail.example.org", signature);
    connection c{context::load({files}).value()};
    ASSERT_TRUE(c.is_up());
    EXPECT_EQ(c.server().binding().tls_server_end_point,
              hash_of(binding, certificate_seen_by(c.client())))
      << EVP_MD_get0_name(signature);
  }
}

TEST_F(Channel, BindsToTheCertificateThatTheClientGot) { // RFC 5929 §4.1
  auto ctx =
    context::load({make("a.example", "DNS:a.example"), make("b.example", "DNS:b.example")}).value();
  connection c{ctx, {.server_name = "b.example"}};
  ASSERT_EQ(c.common_name(), "b.example");
  EXPECT_EQ(c.server().binding().tls_server_end_point,
            crypto::sha256(certificate_seen_by(c.client())));
}

TEST_F(Channel, TellsNoBindingWhereThePolicySaysSo) {
  auto files = make("a.example", "DNS:a.example");
  connection c{context::load({files}, {.binds_channel = false}).value()};
  ASSERT_TRUE(c.is_up());
  EXPECT_EQ(c.server().binding().tls_exporter, "");
  EXPECT_EQ(c.server().binding().tls_server_end_point, "");
}

TEST_F(Channel, TellsTheLogWhatWasAgreed) {
  connection c{context::self_signed("mail.example.org").value(),
               {.server_name = "mail.example.org"}};
  ASSERT_TRUE(c.is_up());
  EXPECT_EQ(c.server().protocol(), "TLSv1.3");
  EXPECT_EQ(c.server().cipher(), SSL_get_cipher_name(c.client()));
  EXPECT_EQ(c.server().server_name(), "mail.example.org");
  connection old{context::self_signed("x").value(), {.newest = TLS1_2_VERSION}};
  EXPECT_EQ(old.server().protocol(), "TLSv1.2");
  EXPECT_EQ(old.server().server_name(), "");
}

TEST_F(Channel, TellsNothingBeforeTheHandshake) {
  channel c{context::self_signed("mail.example.org").value(), -1};
  EXPECT_EQ(c.protocol(), "");
  EXPECT_EQ(c.cipher(), "");
  EXPECT_EQ(c.server_name(), "");
  EXPECT_EQ(c.binding().tls_exporter, "");
  EXPECT_EQ(c.binding().tls_server_end_point, "");
}

} // namespace hamlet::tls
