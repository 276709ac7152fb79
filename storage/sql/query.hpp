// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace hamlet::sql {

/// Bytes, as opposed to text.
struct blob {
  std::string_view bytes;
};

/// A statement of the program: a literal, never text that was put together. Its address is its
/// name, and what comes from outside can only be a parameter.
class query {
public:
  template <std::size_t Size>
  consteval query(const char (&text)[Size]) : text_{text, Size - 1} {}

  constexpr std::string_view text() const { return text_; }
  constexpr const char* c_str() const { return text_.data(); }

private:
  friend class database;
  constexpr explicit query(std::string_view text) : text_{text} {}

  std::string_view text_;
};

} // namespace hamlet::sql
