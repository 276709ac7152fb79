// SPDX-License-Identifier: Apache-2.0
#include "lib/sasl/mechanism_state.hpp"
#include "lib/text/utf8.hpp"

#include <utility>

namespace hamlet::sasl {

namespace {

constexpr char nul = '\0';

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= max_name && text.find(nul) == text.npos
         && utf8::is_valid(text);
}

bool is_password(std::string_view text) {
  return !text.empty() && text.size() <= max_password && text.find(nul) == text.npos;
}

/// What both mechanisms end with: one question, one answer.
class password_state : public mechanism_state {
public:
  step on_password(bool right) final {
    if (!asked_)
      return failure::bad_syntax;
    if (right)
      return success{};
    return failure::bad_credentials;
  }

protected:
  bool asked() const { return asked_; }

  step ask(std::string_view authzid, std::string_view authcid, std::string_view password) {
    asked_ = true;
    return check_password{std::string{authzid}, std::string{authcid}, std::string{password}};
  }

private:
  bool asked_ = false;
};

// RFC 4616 §2: [authzid] NUL authcid NUL passwd
class plain final : public password_state {
public:
  step respond(std::string_view message) override {
    auto first = message.find(nul);
    auto second = first == message.npos ? first : message.find(nul, first + 1);
    if (asked() || second == message.npos)
      return failure::bad_syntax;
    auto authzid = message.substr(0, first);
    auto authcid = message.substr(first + 1, second - first - 1);
    auto password = message.substr(second + 1);
    if (!(authzid.empty() || is_name(authzid)) || !is_name(authcid) || !is_password(password))
      return failure::bad_syntax;
    return ask(authzid, authcid, password);
  }
};

// Never a standard: draft-murchison-sasl-login. Outlook on macOS sends the name as
// initial response; an empty one asks for the prompt like none at all.
class login final : public password_state {
public:
  std::string first_challenge() const override { return "Username:"; }

  step respond(std::string_view message) override {
    if (asked())
      return failure::bad_syntax;
    if (name_.empty() && message.empty() && !std::exchange(prompted_, true))
      return challenge{first_challenge()};
    if (name_.empty())
      return take_name(message);
    if (!is_password(message))
      return failure::bad_syntax;
    return ask({}, name_, message);
  }

private:
  step take_name(std::string_view message) {
    if (!is_name(message))
      return failure::bad_syntax;
    name_ = message;
    return challenge{"Password:"};
  }

  std::string name_;
  bool prompted_ = false;
};

} // namespace

std::unique_ptr<mechanism_state> plain_state() {
  return std::make_unique<plain>();
}

std::unique_ptr<mechanism_state> login_state() {
  return std::make_unique<login>();
}

} // namespace hamlet::sasl
