// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/config/tree.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hamlet::config {

/// Reads a text from the front, knows the place and keeps the faults. The text is valid UTF-8.
class toml_cursor {
public:
  explicit toml_cursor(std::string_view text) : text_{text} {}

  bool is_at_end() const { return at_ == text_.size(); }
  /// The octet `ahead`; '\0' behind the end, which the text may hold as well.
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  bool is_at(std::string_view what) const { return text_.substr(at_).starts_with(what); }
  /// Takes one octet, which is no line end.
  char take() { return text_[at_++]; }
  /// Takes `what` if it is next; it holds no line end.
  bool take(std::string_view what);
  /// Takes LF or CRLF if it is next.
  bool take_newline();
  void skip_blanks(); ///< spaces and tabs
  /// A comment, if one is next, up to the line end. False: a fault.
  bool skip_comment();
  /// Blanks, comments and line ends. False: a fault.
  bool skip_lines();
  void skip_rest_of_line();

  position here();
  std::uint32_t line() const { return line_; }

  bool fault(std::string text) { return fault(here(), std::move(text)); }
  bool fault(position at, std::string text); ///< always false
  const std::vector<toml_fault>& faults() const { return faults_; }

  /// A string of any of the four kinds; its quotation mark is next. nullopt: a fault.
  std::optional<std::string> string(bool may_span_lines);

private:
  bool is_control() const;
  bool take_quoted(std::string& out, char quote);
  bool take_quoted_lines(std::string& out, char quote);
  bool take_line_join();
  bool take_escape(std::string& out);
  bool take_code(std::string& out, int digits);

  std::string_view text_;
  std::size_t at_ = 0;
  std::uint32_t line_ = 1;
  std::uint32_t column_ = 1; ///< of counted_
  std::size_t counted_ = 0;  ///< not behind at_
  std::vector<toml_fault> faults_;
};

} // namespace hamlet::config
