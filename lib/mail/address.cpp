// SPDX-License-Identifier: Apache-2.0
#include "lib/mail/address.hpp"

#include "lib/mail/literal.hpp"
#include "lib/text/ascii.hpp"
#include "lib/text/domain.hpp"
#include "lib/text/utf8.hpp"

#include <algorithm>

namespace hamlet::mail {

namespace {

// RFC 5321 §4.5.3.1.1 to §4.5.3.1.3, octets as they are written.
constexpr std::size_t max_local = 64;
constexpr std::size_t max_domain = 255;
constexpr std::size_t max_path = 256; // with '<' and '>'

bool is_8bit(char x) {
  return (x & 0x80) != 0;
}

// RFC 5322 §3.2.3; RFC 6531 §3.3 adds all that is not ASCII.
bool is_atom_text(char x) {
  constexpr std::string_view marks = "!#$%&'*+-/=?^_`{|}~";
  return ascii::is_letter_or_digit(x) || is_8bit(x) || (x != '\0' && marks.find(x) != marks.npos);
}

bool is_dot_string(std::string_view x) {
  return !x.empty() && x.front() != '.' && x.back() != '.' && x.find("..") == x.npos
         && std::ranges::all_of(x, [](char c) { return c == '.' || is_atom_text(c); });
}

// Controls and separators of lines that UTF-8 adds; a name has no use for them.
bool has_wide_control(std::string_view text) {
  while (auto x = utf8::take(text))
    if ((*x >= 0x80 && *x < 0xa0) || *x == 0x2028 || *x == 0x2029)
      return true;
  return false;
}

/// Reads one path or mailbox from the left. Each step returns false after it has said why.
class reader {
public:
  reader(std::string_view text, bool utf8, path_error& why) : rest_{text}, utf8_{utf8}, why_{why} {
    why_ = path_error::none;
  }

  std::string_view rest() const { return rest_; }

  bool fails(path_error why) {
    why_ = why;
    return false;
  }

  bool next_is(char x) const { return !rest_.empty() && rest_.front() == x; }

  void skip(std::size_t count) { rest_.remove_prefix(count); }

  bool take(char x) {
    if (!next_is(x))
      return fails(path_error::syntax);
    rest_.remove_prefix(1);
    return true;
  }

  bool local_part(std::string& out) {
    auto begin = rest_;
    if (next_is('"') ? !quoted_string(out) : !dot_string(out))
      return false;
    if (begin.size() - rest_.size() > max_local)
      return fails(path_error::too_long);
    if (utf8::is_ascii(out))
      return true;
    if (!utf8_)
      return fails(path_error::needs_utf8);
    auto nfc = utf8::to_nfc(out);
    if (!nfc)
      return fails(path_error::bad_utf8);
    if (has_wide_control(*nfc))
      return fails(path_error::syntax);
    if (nfc->size() > max_local)
      return fails(path_error::too_long);
    out = std::move(*nfc);
    return true;
  }

  bool domain(std::string& out) {
    auto end = std::ranges::find_if_not(rest_, [](char x) {
      return x == '.' || x == '-' || ascii::is_letter_or_digit(x) || is_8bit(x);
    });
    auto text = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
    rest_.remove_prefix(text.size());
    if (text.empty() || text.front() == '.' || text.back() == '.' || text.find("..") != text.npos)
      return fails(path_error::syntax);
    if (text.size() > max_domain)
      return fails(path_error::too_long);
    if (!utf8::is_ascii(text)) {
      if (!utf8_)
        return fails(path_error::needs_utf8);
      if (!utf8::is_valid(text))
        return fails(path_error::bad_utf8);
    }
    auto ascii = text::to_ascii_domain(text);
    if (!ascii)
      return fails(path_error::bad_domain);
    out = std::move(*ascii);
    return true;
  }

  bool mailbox(address& out) {
    if (!local_part(out.local) || !take('@'))
      return false;
    out.internationalized = !utf8::is_ascii(out.local);
    return next_is('[') ? literal(out.domain) : domain(out.domain);
  }

  // "@one,@two:", RFC 5321 §4.1.2 (A-d-l): read, and not looked at.
  bool route() {
    std::string ignored;
    for (;;) {
      if (!take('@') || !domain(ignored))
        return false;
      if (!next_is(','))
        return take(':');
      take(',');
    }
  }

  bool is_bare_postmaster() const {
    constexpr std::string_view name = "postmaster";
    return ascii::starts_with_word(rest_, name) && rest_.substr(name.size()).starts_with('>');
  }

private:
  bool dot_string(std::string& out) {
    auto end = std::ranges::find_if_not(rest_, [](char x) { return x == '.' || is_atom_text(x); });
    auto text = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
    if (!is_dot_string(text))
      return fails(path_error::syntax);
    rest_.remove_prefix(text.size());
    out = text;
    return true;
  }

  bool quoted_string(std::string& out) {
    std::size_t i = 1;
    for (; i < rest_.size() && rest_[i] != '"'; ++i) {
      bool escaped = rest_[i] == '\\';
      if (escaped && ++i == rest_.size())
        return fails(path_error::syntax);
      if (!is_8bit(rest_[i]) ? rest_[i] < ' ' || rest_[i] == 127 : escaped)
        return fails(path_error::syntax);
      out += rest_[i];
    }
    if (i >= rest_.size())
      return fails(path_error::syntax);
    rest_.remove_prefix(i + 1);
    return true;
  }

  bool literal(std::string& out) {
    auto end = rest_.find(']');
    if (end == rest_.npos)
      return fails(path_error::syntax);
    if (end >= max_domain)
      return fails(path_error::too_long);
    auto form = canonical_literal(rest_.substr(0, end + 1));
    if (!form)
      return fails(path_error::syntax);
    rest_.remove_prefix(end + 1);
    out = std::move(*form);
    return true;
  }

  std::string_view rest_;
  bool utf8_;
  path_error& why_;
};

bool read_path(reader& in, path& out) {
  if (!in.take('<'))
    return false;
  if (in.next_is('>')) {
    out.null = true;
  } else if (in.is_bare_postmaster()) { // RFC 5321 §4.1.1.3
    out.mailbox.local = in.rest().substr(0, in.rest().find('>'));
    in.skip(out.mailbox.local.size());
  } else {
    out.had_route = in.next_is('@');
    if ((out.had_route && !in.route()) || !in.mailbox(out.mailbox))
      return false;
  }
  return in.take('>');
}

} // namespace

std::string address::text() const {
  std::string out;
  if (is_dot_string(local)) {
    out = local;
  } else {
    out = '"';
    for (char x : local) {
      if (x == '"' || x == '\\')
        out += '\\';
      out += x;
    }
    out += '"';
  }
  return domain.empty() ? out : out + '@' + domain;
}

std::optional<path> parse_path(std::string_view text, bool utf8, path_error& why) {
  reader in{text, utf8, why};
  path out;
  if (!read_path(in, out))
    return std::nullopt;
  out.rest = in.rest();
  if (text.size() - out.rest.size() > max_path) {
    why = path_error::too_long;
    return std::nullopt;
  }
  if (!out.rest.empty()) {
    if (out.rest.front() != ' ') {
      why = path_error::syntax;
      return std::nullopt;
    }
    out.rest.remove_prefix(1);
  }
  return out;
}

std::optional<address> parse_address(std::string_view text, bool utf8) {
  path_error why{};
  reader in{text, utf8, why};
  address out;
  if (text.size() > max_path - 2 || !in.mailbox(out) || !in.rest().empty())
    return std::nullopt;
  return out;
}

} // namespace hamlet::mail
