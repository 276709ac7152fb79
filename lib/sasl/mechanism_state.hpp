// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/sasl/exchange.hpp"

#include <memory>

namespace hamlet::sasl {

/// A name, a nonce: RFC 4616 §2 has to take 255 octets, nobody has to take more.
constexpr std::size_t max_name = 255;
constexpr std::size_t max_password = 1024;

/// The rules of one mechanism. The exchange drops it after the first failure or success.
class mechanism_state {
public:
  mechanism_state() = default;
  mechanism_state(const mechanism_state&) = delete;
  mechanism_state& operator=(const mechanism_state&) = delete;
  virtual ~mechanism_state() = default;

  virtual step respond(std::string_view message) = 0;
  /// What is asked of a client that sent no initial response.
  virtual std::string first_challenge() const { return {}; }
  virtual step on_salt(const salt&) { return failure::bad_syntax; }
  virtual step on_proof(const std::optional<std::string>&) { return failure::bad_syntax; }
  virtual step on_password(bool) { return failure::bad_syntax; }
};

std::unique_ptr<mechanism_state> plain_state();
std::unique_ptr<mechanism_state> login_state();
std::unique_ptr<mechanism_state> external_state();
std::unique_ptr<mechanism_state> scram_state(bool plus, channel_binding binding, std::string nonce);

} // namespace hamlet::sasl
