// SPDX-License-Identifier: Apache-2.0
#include "lib/mail/header_address.hpp"

#include <algorithm>
#include <string>

namespace hamlet::mail {

namespace {

constexpr std::size_t max_piece = 1024; // no address is longer; a name may be

/// Collects what may be an address between two separators.
class collector {
public:
  collector(std::size_t at_most, address_list& out) : at_most_{at_most}, out_{out} {}

  // A word (atom, quoted string or domain literal), as it is written.
  void word(std::string_view text) {
    // Two words side by side are a name, "John Doe", or no address at all.
    is_phrase_ |= after_word_;
    add(text);
    name(after_word_ ? " " : "", text);
    after_word_ = true;
    is_empty_ = false;
  }
  void mark(char x) { // '.' or '@'
    add({&x, 1});
    name("", {&x, 1});
    after_word_ = false;
    is_empty_ = false;
  }
  void open() {
    if (in_angle_ || had_angle_)
      is_bad_ = true;
    in_angle_ = had_angle_ = true;
    is_empty_ = false;
    forget_text();
  }
  void close() {
    if (!in_angle_)
      is_bad_ = true;
    in_angle_ = false;
  }
  // "name of a group:", or the end of the route in "<@a,@b:u@d>".
  void colon() {
    if (in_angle_)
      return forget_text();
    if (is_bad_ || had_angle_ || text_.find('@') != text_.npos)
      out_.is_complete = false; // an address, not the name of a group
    reset();
  }
  void comma() {
    if (!in_angle_)
      end();
  }
  void end() {
    if (!is_empty_)
      judge();
    reset();
  }
  void bad() {
    is_bad_ = true;
    is_empty_ = false;
  }

private:
  void add(std::string_view text) {
    is_bad_ |= had_angle_ && !in_angle_; // something stands behind "<u@d>"
    if (text_.size() + text.size() > max_piece)
      is_too_long_ = true;
    else
      text_ += text;
  }

  void judge() {
    bool is_whole = !is_bad_ && !in_angle_ && !is_phrase_ && !is_too_long_;
    if (is_whole && had_angle_ && text_.empty())
      return; // "<>" stands in Return-Path and the like
    auto found = is_whole ? parse_address(text_) : std::nullopt;
    out_.is_complete &= found.has_value() && out_.entries.size() < at_most_;
    if (found && !had_angle_)
      name_.clear(); // that was the address
    if (out_.entries.size() < at_most_)
      out_.entries.push_back({std::move(name_), std::move(found)});
  }

  void name(std::string_view gap, std::string_view word) {
    if (in_angle_ || name_.size() + word.size() >= max_piece)
      return;
    name_ += gap;
    bool is_quoted = word.size() > 1 && word.front() == '"';
    if (!is_quoted) {
      name_ += word;
      return;
    }
    word = word.substr(1, word.size() - 2);
    for (std::size_t i = 0; i < word.size(); ++i) {
      if (word[i] == '\\' && i + 1 < word.size())
        ++i;
      name_ += word[i];
    }
  }

  void forget_text() {
    text_.clear();
    is_phrase_ = is_too_long_ = after_word_ = false;
  }

  void reset() {
    forget_text();
    name_.clear();
    in_angle_ = had_angle_ = is_bad_ = false;
    is_empty_ = true;
  }

  std::size_t at_most_;
  address_list& out_;
  std::string text_; // what may be the address
  std::string name_;
  bool in_angle_ = false;
  bool had_angle_ = false;
  bool after_word_ = false;
  bool is_phrase_ = false;
  bool is_too_long_ = false;
  bool is_bad_ = false;
  bool is_empty_ = true;
};

// Where the text that begins at `i` with `open` ends: behind `close`, or at the end.
std::size_t end_of_quoted(std::string_view text, std::size_t i, char close) {
  for (++i; i < text.size(); ++i) {
    if (text[i] == '\\')
      ++i;
    else if (text[i] == close)
      return i + 1;
  }
  return text.npos;
}

// RFC 5322 §3.2.2: comments hold comments; a count is all the memory that takes.
std::size_t end_of_comment(std::string_view text, std::size_t i) {
  std::size_t depth = 0;
  for (; i < text.size(); ++i) {
    if (text[i] == '\\')
      ++i;
    else if (text[i] == '(')
      ++depth;
    else if (text[i] == ')' && --depth == 0)
      return i + 1;
  }
  return text.npos;
}

} // namespace

address_list read_address_list(std::string_view body, std::size_t at_most) {
  constexpr std::string_view separators = " \t\r\n()<>[]:;@\\,.\"";
  address_list out;
  collector into{at_most, out};
  std::size_t i = 0;
  auto quoted_word = [&](char close) {
    auto end = end_of_quoted(body, i, close);
    if (end == body.npos)
      into.bad();
    else
      into.word(body.substr(i, end - i));
    i = std::min(end, body.size());
  };
  while (i < body.size()) {
    switch (body[i]) {
    case ' ':
    case '\t':
    case '\r':
    case '\n': ++i; break;
    case '(': {
      auto end = end_of_comment(body, i);
      if (end == body.npos)
        into.bad();
      i = std::min(end, body.size());
      break;
    }
    case '"': quoted_word('"'); break;
    case '[': quoted_word(']'); break;
    case '.':
    case '@': into.mark(body[i++]); break;
    case '<':
      into.open();
      ++i;
      break;
    case '>':
      into.close();
      ++i;
      break;
    case ':':
      into.colon();
      ++i;
      break;
    case ',':
      into.comma();
      ++i;
      break;
    case ';':
      into.end();
      ++i;
      break;
    case ')':
    case ']':
    case '\\':
      into.bad();
      ++i;
      break;
    default: {
      auto end = std::min(body.find_first_of(separators, i), body.size());
      into.word(body.substr(i, end - i));
      i = end;
    }
    }
  }
  into.end();
  return out;
}

} // namespace hamlet::mail
