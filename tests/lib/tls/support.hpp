// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/tls/channel.hpp"

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <filesystem>
#include <functional>

namespace hamlet::tls {

/// A folder of its own, gone with the test.
class tls_test : public testing::Test {
protected:
  tls_test();
  ~tls_test() override;

  /// A certificate in files. `names` as OpenSSL writes them: "DNS:a.example,DNS:b.example";
  /// empty: none but the common name.
  certificate_files make(const std::string& common_name, const std::string& names,
                         const EVP_MD* hash = EVP_sha256()) const;

  std::string folder;
};

/// What a client wants.
struct client_options {
  std::string server_name = {};
  int newest = TLS1_3_VERSION;
  std::string trusted_file = {}; ///< verifies with it
  std::string verify_host = {};  ///< a name or an address
  SSL_SESSION* resume = nullptr;
  certificate_files own = {};                                 ///< shown when asked
  client_certificate asked_for = client_certificate::unasked; ///< by our side
  std::function<void()> after_accept = {};                    ///< runs before the handshake
};

/// A client of OpenSSL and our channel on the two ends of a socket pair.
class connection {
public:
  explicit connection(const context& ctx, const client_options& options = {});
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;
  ~connection();

  bool is_up() const { return up_; }
  std::string common_name() const; ///< of the certificate that the client sees
  bool echoes();                   ///< bytes come through in both directions

  SSL* client() const { return client_; }
  channel& server() { return server_; }

private:
  bool shake_hands();

  int sockets_[2];
  SSL_CTX* ctx_;
  SSL* client_;
  channel server_;
  bool up_ = false;
};

} // namespace hamlet::tls
