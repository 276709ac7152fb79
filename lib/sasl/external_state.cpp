// SPDX-License-Identifier: Apache-2.0
#include "lib/sasl/mechanism_state.hpp"
#include "lib/text/utf8.hpp"

#include <utility>

namespace hamlet::sasl {

namespace {

// RFC 4422 appendix A: the message is the authorization identity, or empty for the one that the
// certificate stands for.
class external final : public mechanism_state {
public:
  step respond(std::string_view message) override {
    if (std::exchange(asked_, true) || message.size() > max_name
        || message.find('\0') != message.npos || !utf8::is_valid(message))
      return failure::bad_syntax;
    return check_certificate{std::string{message}};
  }

  step on_password(bool right) override {
    if (!asked_)
      return failure::bad_syntax;
    if (right)
      return success{};
    return failure::bad_credentials;
  }

private:
  bool asked_ = false;
};

} // namespace

std::unique_ptr<mechanism_state> external_state() {
  return std::make_unique<external>();
}

} // namespace hamlet::sasl
