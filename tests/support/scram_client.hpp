// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/crypto/digest.hpp"
#include "lib/sasl/scram.hpp"
#include "lib/text/base64.hpp"

#include <string>
#include <string_view>

namespace hamlet::test {

/// The client's side of SCRAM-SHA-256 (RFC 5802 §3), without base64 around its messages.
class scram_client {
public:
  /// @param gs2 "n,,", "y,," or "p=tls-exporter,,". @param binding What the last is bound to.
  scram_client(std::string name, std::string password, std::string gs2 = "n,,",
               std::string binding = {})
      : password_{std::move(password)}, gs2_{std::move(gs2)}, binding_{std::move(binding)},
        bare_{"n=" + std::move(name) + ",r=clientnonce"} {}

  void set_password(std::string password) { password_ = std::move(password); }

  std::string first() const { return gs2_ + bare_; }

  /// The answer to the server's first message.
  std::string final_for(std::string_view server_first) const {
    auto part = [&](std::string_view name) {
      auto text = server_first.substr(server_first.find(name) + name.size());
      return text.substr(0, text.find(','));
    };
    auto nonce = std::string{part("r=")};
    auto salt = base64::decode(part(",s=")).value_or("");
    auto rounds = static_cast<std::uint32_t>(std::stoul(std::string{part(",i=")}));
    auto without_proof = "c=" + base64::encode(gs2_ + binding_) + ",r=" + nonce;
    auto auth_message = bare_ + "," + std::string{server_first} + "," + without_proof;
    auto client_key =
      crypto::hmac_sha256(crypto::pbkdf2_sha256(password_, salt, rounds), "Client Key");
    auto signature = crypto::hmac_sha256(crypto::sha256(client_key), auth_message);
    for (std::size_t i = 0; i < client_key.size(); ++i)
      client_key[i] = static_cast<char>(client_key[i] ^ signature[i]);
    return without_proof + ",p=" + base64::encode(client_key);
  }

private:
  std::string password_, gs2_, binding_, bare_;
};

} // namespace hamlet::test
