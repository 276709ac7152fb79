// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

// SASL for servers (RFC 4422) as a pure state machine: bytes without base64 go in,
// the next step comes out. No secret of an account ever comes in here: whoever
// drives the exchange asks the ACCOUNT the questions and hands the answers back.

namespace hamlet::sasl {

enum class mechanism : std::uint8_t { plain, login, scram_sha_256, scram_sha_256_plus, external };
std::string_view to_string(mechanism m);
std::optional<mechanism> mechanism_named(std::string_view name);

/// What binds an exchange to its TLS channel (RFC 5929, RFC 9266); both empty
/// without TLS.
struct channel_binding {
  std::string tls_exporter;         ///< TLS 1.3 only
  std::string tls_server_end_point; ///< hash of the certificate
  bool operator==(const channel_binding&) const = default;
};

// Steps: what has to happen next.

/// Send `data` (base64, as the protocol frames it), then call respond().
struct challenge {
  std::string data;
};
/// Answered by on_password(). PLAIN and LOGIN.
struct check_password {
  std::string authzid; ///< empty: the same as authcid
  std::string authcid;
  std::string password;
};
/// Answered by on_salt(). Every name has a salt, also one that does not exist.
struct want_salt {
  std::string authcid;
};
/// Answered by on_proof(). RFC 5802 §3: proof = ClientKey XOR HMAC(StoredKey, auth_message).
struct check_proof {
  std::string authzid;
  std::string authcid;
  std::string auth_message;
  std::string proof;
};
/// Answered by on_password(). EXTERNAL: is the certificate of the client's TLS one of this
/// account's? The driver knows it and must not offer EXTERNAL without one.
struct check_certificate {
  std::string authzid; ///< empty: the account that the certificate stands for
};
/// The name and password or proof are right, and every byte is exchanged.
struct success {};
enum class failure : std::uint8_t {
  bad_credentials, ///< wrong name, password or proof: all alike
  cancelled,       ///< the client sent "*" (the driver calls cancel())
  bad_syntax,      ///< the client's message has no legal form
  bad_binding,     ///< channel binding missing or of another channel
  temporary,       ///< the ACCOUNT could not be asked
};
using step = std::variant<challenge, check_password, want_salt, check_proof, check_certificate,
                          success, failure>;

struct salt {
  std::string bytes;
  std::uint32_t iterations = 0;
};

class mechanism_state; // one implementation per mechanism

/// One authentication exchange of one client. A call out of turn, and any call after
/// success or failure, is failure::bad_syntax: a driver that errs lets nobody in.
class exchange {
public:
  /// @param nonce Printable ASCII without comma, fresh for each exchange; SCRAM only.
  exchange(mechanism m, channel_binding binding, std::string nonce);
  exchange(exchange&&) noexcept;
  exchange& operator=(exchange&&) noexcept;
  ~exchange();

  mechanism which() const { return which_; }

  /// The first step. @param initial The client's initial response, decoded, if it sent one.
  step start(std::optional<std::string_view> initial);
  /// The decoded answer to a challenge; at most `max_response` bytes are looked at.
  step respond(std::string_view message);
  step on_salt(const salt& s);
  /// @param server_signature nullopt: the proof is wrong.
  step on_proof(const std::optional<std::string>& server_signature);
  step on_password(bool right); ///< also answers check_certificate

  static constexpr std::size_t max_response = 12288 / 4 * 3; ///< RFC 4954 §4

private:
  step settle(step s);

  mechanism which_;
  bool started_ = false;
  std::unique_ptr<mechanism_state> state_; ///< gone with success or failure
};

} // namespace hamlet::sasl
