// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstdint>
#include <string_view>
#include <variant>

namespace hamlet::log {

/// A word or sentence that stands in our source and nowhere else. Made by the compiler alone, so
/// that nothing a client sends can become the name of an event or of a field.
class constant {
public:
  // NOLINTNEXTLINE(google-explicit-constructor): written as a plain literal
  consteval constant(const char* literal) : text_{literal} {
    for (auto c : text_)
      if (c < ' ' || c > '~' || c == '"' || c == '\\' || c == '=')
        throw "a constant of the log is printable ASCII without quotes, '\\' and '='";
  }
  constexpr std::string_view text() const { return text_; }

private:
  std::string_view text_;
};

/// One "key=value" of a line. Holds no copy: it lives as long as the call that it is given to.
/// NEVER give it a secret: a password, a SASL response, a token, the text of a message.
struct field {
  using any = std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool>;

  constexpr field(constant k, std::string_view v) : key{k.text()}, value{v} {}
  constexpr field(constant k, const char* v) : key{k.text()}, value{std::string_view{v}} {}
  constexpr field(constant k, bool v) : key{k.text()}, value{v} {}
  constexpr field(constant k, double v) : key{k.text()}, value{v} {}
  constexpr field(constant k, std::signed_integral auto v)
      : key{k.text()}, value{std::int64_t{v}} {}
  constexpr field(constant k, std::unsigned_integral auto v)
      : key{k.text()}, value{std::uint64_t{v}} {}

  std::string_view key;
  any value;
};

} // namespace hamlet::log
