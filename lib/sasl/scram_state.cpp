// SPDX-License-Identifier: Apache-2.0
#include "lib/sasl/mechanism_state.hpp"
#include "lib/sasl/scram_message.hpp"
#include "lib/text/base64.hpp"

#include <utility>

namespace hamlet::sasl {

namespace {

class scram final : public mechanism_state {
public:
  scram(bool plus, channel_binding binding, std::string nonce)
      : plus_{plus}, binding_{std::move(binding)}, nonce_{std::move(nonce)} {}

  step respond(std::string_view message) override {
    switch (at_) {
    case stage::first: return on_first(message);
    case stage::final: return on_final(message);
    case stage::farewell:
      // RFC 4954 §4, RFC 5034 §4: the server's last message went out as a
      // challenge, and the client has nothing to add.
      if (message.empty())
        return success{};
      return failure::bad_syntax;
    case stage::salt:
    case stage::proof: break; // the driver owes an answer
    }
    return failure::bad_syntax;
  }

  step on_salt(const salt& s) override {
    if (at_ != stage::salt)
      return failure::bad_syntax;
    if (s.bytes.empty() || s.iterations == 0) // no key was ever made with such
      return failure::temporary;
    at_ = stage::final;
    server_first_ =
      "r=" + nonce_ + ",s=" + base64::encode(s.bytes) + ",i=" + std::to_string(s.iterations);
    return challenge{server_first_};
  }

  step on_proof(const std::optional<std::string>& server_signature) override {
    if (at_ != stage::proof)
      return failure::bad_syntax;
    if (!server_signature)
      return failure::bad_credentials;
    at_ = stage::farewell;
    return challenge{"v=" + base64::encode(*server_signature)};
  }

private:
  enum class stage : std::uint8_t { first, salt, final, proof, farewell };

  step on_first(std::string_view message) {
    auto parsed = parse_client_first(message);
    if (!parsed)
      return failure::bad_syntax;
    first_ = std::move(*parsed);
    auto data = expected_binding();
    if (!data)
      return failure::bad_binding;
    expected_cbind_ = first_.gs2_header + *data;
    nonce_ = first_.nonce + nonce_;
    at_ = stage::salt;
    return want_salt{first_.authcid};
  }

  // RFC 5802 §6. nullopt: what the client says of the channel does not fit.
  std::optional<std::string> expected_binding() const {
    auto offered = binding_ != channel_binding{};
    if (plus_ != (first_.flag == cbind_flag::used))
      return std::nullopt;
    // Somebody in the middle has struck the -PLUS from our list.
    if (first_.flag == cbind_flag::not_offered && offered)
      return std::nullopt;
    if (first_.flag != cbind_flag::used)
      return "";
    if (first_.cbind_name == "tls-exporter" && !binding_.tls_exporter.empty())
      return binding_.tls_exporter; // RFC 9266 §2
    if (first_.cbind_name == "tls-server-end-point" && !binding_.tls_server_end_point.empty())
      return binding_.tls_server_end_point; // RFC 5929 §4
    return std::nullopt;
  }

  step on_final(std::string_view message) {
    auto parsed = parse_client_final(message);
    if (!parsed || parsed->nonce != nonce_)
      return failure::bad_syntax;
    if (parsed->cbind_input != expected_cbind_)
      return failure::bad_binding;
    at_ = stage::proof;
    // RFC 5802 §3: AuthMessage
    return check_proof{first_.authzid, first_.authcid,
                       first_.bare + "," + server_first_ + "," + parsed->without_proof,
                       std::move(parsed->proof)};
  }

  bool plus_;
  channel_binding binding_;
  std::string nonce_; ///< ours; from the first message on the client's and ours
  stage at_ = stage::first;
  client_first first_;
  std::string expected_cbind_;
  std::string server_first_;
};

} // namespace

std::unique_ptr<mechanism_state> scram_state(bool plus, channel_binding binding,
                                             std::string nonce) {
  return std::make_unique<scram>(plus, std::move(binding), std::move(nonce));
}

} // namespace hamlet::sasl
