// SPDX-License-Identifier: Apache-2.0
#include "lib/sasl/exchange.hpp"

#include "lib/sasl/mechanism_state.hpp"
#include "lib/text/ascii.hpp"

#include <array>
#include <utility>

namespace hamlet::sasl {

namespace {

using enum mechanism;

std::unique_ptr<mechanism_state> state_of(mechanism m, channel_binding binding, std::string nonce) {
  switch (m) {
  case plain: return plain_state();
  case login: return login_state();
  case scram_sha_256: return scram_state(false, std::move(binding), std::move(nonce));
  case scram_sha_256_plus: return scram_state(true, std::move(binding), std::move(nonce));
  case external: return external_state();
  }
  return nullptr;
}

} // namespace

std::string_view to_string(mechanism m) {
  switch (m) {
  case plain: return "PLAIN";
  case login: return "LOGIN";
  case scram_sha_256: return "SCRAM-SHA-256";
  case scram_sha_256_plus: return "SCRAM-SHA-256-PLUS";
  case external: return "EXTERNAL";
  }
  return "unknown";
}

// RFC 4422 §3.1 has names in upper case; clients write "plain", too.
std::optional<mechanism> mechanism_named(std::string_view name) {
  for (auto m : {plain, login, scram_sha_256, scram_sha_256_plus, external})
    if (ascii::same_word(name, to_string(m)))
      return m;
  return std::nullopt;
}

exchange::exchange(mechanism m, channel_binding binding, std::string nonce)
    : which_{m}, state_{state_of(m, std::move(binding), std::move(nonce))} {
}
exchange::exchange(exchange&&) noexcept = default;
exchange& exchange::operator=(exchange&&) noexcept = default;
exchange::~exchange() = default;

step exchange::settle(step s) {
  if (std::holds_alternative<success>(s) || std::holds_alternative<failure>(s))
    state_.reset();
  return s;
}

// RFC 4422 §3: in each of these mechanisms the client speaks first, so without an
// initial response it is asked for one.
step exchange::start(std::optional<std::string_view> initial) {
  if (!state_ || std::exchange(started_, true))
    return settle(failure::bad_syntax);
  if (!initial)
    return challenge{state_->first_challenge()};
  return respond(*initial);
}

step exchange::respond(std::string_view message) {
  if (!state_ || !started_ || message.size() > max_response)
    return settle(failure::bad_syntax);
  return settle(state_->respond(message));
}

step exchange::on_salt(const salt& s) {
  return settle(state_ ? state_->on_salt(s) : failure::bad_syntax);
}

step exchange::on_proof(const std::optional<std::string>& server_signature) {
  return settle(state_ ? state_->on_proof(server_signature) : failure::bad_syntax);
}

step exchange::on_password(bool right) {
  return settle(state_ ? state_->on_password(right) : failure::bad_syntax);
}

} // namespace hamlet::sasl
