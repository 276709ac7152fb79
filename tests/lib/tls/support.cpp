// SPDX-License-Identifier: Apache-2.0
#include "tests/lib/tls/support.hpp"

#include "lib/crypto/random.hpp"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <csignal>
#include <sys/socket.h>
#include <unistd.h>

namespace hamlet::tls {

namespace fs = std::filesystem;

namespace {

int at(const int* sockets, int i) {
  return sockets[i];
}

int* open_pair(int* sockets) {
  ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, sockets);
  return sockets;
}

void write_pem(const std::string& path, auto write) {
  auto* file = std::fopen(path.c_str(), "w");
  write(file);
  std::fclose(file);
}

} // namespace

tls_test::tls_test() : folder{fs::temp_directory_path() / ("hamlet-" + crypto::random_text(12))} {
  fs::create_directory(folder);
  std::signal(SIGPIPE, SIG_IGN);
}

tls_test::~tls_test() {
  fs::remove_all(folder);
}

certificate_files tls_test::make(const std::string& common_name, const std::string& names,
                                 const EVP_MD* hash) const {
  auto* key = EVP_EC_gen("P-256");
  auto* cert = X509_new();
  X509_set_version(cert, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
  X509_gmtime_adj(X509_getm_notBefore(cert), 0);
  X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
  X509_set_pubkey(cert, key);
  auto* subject = X509_get_subject_name(cert);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1,
                             0);
  X509_set_issuer_name(cert, subject);
  if (!names.empty()) {
    auto* extension = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names.c_str());
    X509_add_ext(cert, extension, -1);
    X509_EXTENSION_free(extension);
  }
  X509_sign(cert, key, hash);
  auto base = folder + "/" + crypto::random_text(12);
  write_pem(base + ".pem", [&](FILE* f) { PEM_write_X509(f, cert); });
  write_pem(base + ".key",
            [&](FILE* f) { PEM_write_PrivateKey(f, key, nullptr, nullptr, 0, nullptr, nullptr); });
  X509_free(cert);
  EVP_PKEY_free(key);
  return {base + ".pem", base + ".key"};
}

connection::connection(const context& ctx, const client_options& options)
    : ctx_{SSL_CTX_new(TLS_client_method())}, client_{SSL_new(ctx_)}, server_{
                                                                        ctx,
                                                                        at(open_pair(sockets_), 0),
                                                                        options.asked_for} {
  SSL_set_fd(client_, sockets_[1]);
  SSL_set_connect_state(client_);
  SSL_set_max_proto_version(client_, options.newest);
  if (!options.server_name.empty())
    SSL_set_tlsext_host_name(client_, options.server_name.c_str());
  if (!options.trusted_file.empty()) {
    SSL_CTX_load_verify_file(ctx_, options.trusted_file.c_str());
    SSL_set_verify(client_, SSL_VERIFY_PEER, nullptr);
    auto* rules = SSL_get0_param(client_);
    if (X509_VERIFY_PARAM_set1_ip_asc(rules, options.verify_host.c_str()) != 1)
      SSL_set1_host(client_, options.verify_host.c_str());
  }
  if (!options.own.chain_file.empty()) {
    SSL_use_certificate_chain_file(client_, options.own.chain_file.c_str());
    SSL_use_PrivateKey_file(client_, options.own.key_file.c_str(), SSL_FILETYPE_PEM);
  }
  if (options.resume)
    SSL_set_session(client_, options.resume);
  if (options.after_accept)
    options.after_accept();
  up_ = shake_hands();
}

connection::~connection() {
  SSL_free(client_);
  SSL_CTX_free(ctx_);
  ::close(sockets_[0]);
  ::close(sockets_[1]);
}

bool connection::shake_hands() {
  for (int i = 0; i < 20; ++i) {
    auto client = SSL_do_handshake(client_);
    if (client != 1 && SSL_get_error(client_, client) != SSL_ERROR_WANT_READ)
      return false;
    auto server = server_.handshake();
    if (server.what == progress::kind::failed)
      return false;
    if (client == 1 && server.what == progress::kind::done)
      return true;
  }
  return false;
}

std::string connection::common_name() const {
  auto* cert = SSL_get0_peer_certificate(client_);
  char text[256] = "";
  if (cert)
    X509_NAME_get_text_by_NID(X509_get_subject_name(cert), NID_commonName, text, sizeof text);
  return text;
}

bool connection::echoes() {
  char room[16] = "";
  if (SSL_write(client_, "ping", 4) != 4)
    return false;
  auto got = server_.read(room);
  auto put = server_.write({room, got.bytes});
  return put.bytes == 4 && SSL_read(client_, room, sizeof room) == 4
         && std::string_view{room, 4} == "ping";
}

} // namespace hamlet::tls
