// SPDX-License-Identifier: Apache-2.0
#include "lib/mail/mime_walk.hpp"

#include "lib/mail/header_field.hpp"
#include "lib/text/ascii.hpp"

#include <algorithm>
#include <string>

namespace hamlet::mail {

namespace {

constexpr std::size_t max_boundary = 200; // RFC 2046 §5.1.1 has 70
constexpr std::size_t max_field = 64u << 10;

/// What a header says of its body.
struct content {
  std::string type; // lower case, "multipart/mixed"
  std::string boundary;
  std::string charset;
  transfer encoding = transfer::plain;

  bool is_multipart() const { return type.starts_with("multipart/"); }
  bool is_message() const { return type == "message/rfc822" || type == "message/global"; }
};

// Reads a Content-Type from left to right, RFC 2045 §5.1.
class type_reader {
public:
  explicit type_reader(std::string_view text) : rest_{text} {}

  void read(content& out) {
    out.type = ascii::lowered(token());
    if (take('/'))
      out.type += '/' + ascii::lowered(token());
    while (take(';')) {
      auto name = token();
      auto value = take('=') ? this->value() : std::string{};
      if (ascii::same_word(name, "boundary") && out.boundary.empty())
        out.boundary = value;
      else if (ascii::same_word(name, "charset") && out.charset.empty())
        out.charset = std::move(value);
    }
  }

private:
  void skip_spaces() {
    int depth = 0; // of comments
    std::size_t i = 0;
    for (; i < rest_.size(); ++i) {
      if (rest_[i] == '(')
        ++depth;
      else if (rest_[i] == ')' && depth > 0)
        --depth;
      else if (rest_[i] == '\\' && depth > 0)
        ++i;
      else if (depth == 0 && rest_[i] != ' ' && rest_[i] != '\t')
        break;
    }
    rest_.remove_prefix(std::min(i, rest_.size()));
  }

  bool take(char x) {
    skip_spaces();
    if (!rest_.starts_with(x))
      return false;
    rest_.remove_prefix(1);
    return true;
  }

  std::string_view token() {
    skip_spaces();
    auto text = rest_.substr(0, rest_.find_first_of(" \t()<>@,;:\\\"/[]?="));
    rest_.remove_prefix(text.size());
    return text;
  }

  std::string value() {
    if (!take('"')) { // some write a boundary with "=" or "/" without quotes
      auto text = rest_.substr(0, rest_.find_first_of(" \t;"));
      rest_.remove_prefix(text.size());
      return std::string{text};
    }
    std::string out;
    std::size_t i = 0;
    for (; i < rest_.size() && rest_[i] != '"'; ++i) {
      if (rest_[i] == '\\' && i + 1 < rest_.size())
        ++i;
      out += rest_[i];
    }
    rest_.remove_prefix(std::min(i + 1, rest_.size()));
    return out;
  }

  std::string_view rest_;
};

transfer encoding_of(std::string_view text) {
  text = text.substr(0, text.find_first_of(" \t(;"));
  for (auto name : {"7bit", "8bit"})
    if (ascii::same_word(text, name))
      return transfer::plain;
  if (ascii::same_word(text, "binary"))
    return transfer::binary;
  if (ascii::same_word(text, "base64"))
    return transfer::base64;
  return ascii::same_word(text, "quoted-printable") ? transfer::quoted_printable
                                                    : transfer::unknown;
}

class walker {
public:
  explicit walker(std::string_view message) : text_{message} {}

  std::optional<std::vector<mime_segment>> walk() {
    int depth = 0;
    do {
      if (depth > max_mime_depth || ++parts_ > max_mime_parts)
        return std::nullopt;
      auto what = header();
      bool is_open = what.encoding == transfer::plain || what.encoding == transfer::binary;
      if (is_open && what.is_message()) {
        ++depth;
        continue; // another header follows
      }
      if (is_open && what.is_multipart() && !what.boundary.empty()
          && what.boundary.size() <= max_boundary) {
        open_.push_back({std::move(what.boundary), depth + 1});
        next_delimiter(mime_segment{mime_kind::glue, 0, 0});
      } else {
        bool is_composite = what.is_multipart() || what.type.starts_with("message/");
        bool is_plain = what.type.empty() || what.type == "text/plain"; // RFC 2045 §5.2
        next_delimiter(mime_segment{mime_kind::body, 0, 0, what.encoding, is_composite, is_plain,
                                    std::move(what.charset)});
      }
      depth = open_.empty() ? 0 : open_.back().depth;
    } while (!is_at_end_);
    return std::move(out_);
  }

private:
  struct multipart {
    std::string boundary;
    int depth; // of its parts
  };

  struct delimiter {
    std::size_t level = 0; // in open_
    std::size_t end = 0;   // behind the line
    bool closes = false;
  };

  // Is the line that begins at `i` a delimiter of a multipart that is open?
  std::optional<delimiter> delimiter_at(std::size_t i) const {
    auto line = text_.substr(i);
    if (!line.starts_with("--"))
      return std::nullopt;
    for (auto level = open_.size(); level-- > 0;) {
      auto& boundary = open_[level].boundary;
      if (line.substr(2, boundary.size()) != boundary)
        continue;
      auto at = 2 + boundary.size();
      bool closes = line.substr(at).starts_with("--");
      at += closes ? 2 : 0;
      at = std::min(line.find_first_not_of(" \t", at), line.size());
      if (at == line.size() || line.substr(at).starts_with("\r\n"))
        return delimiter{level, i + std::min(at + 2, line.size()), closes};
    }
    return std::nullopt;
  }

  void emit(mime_segment x, std::size_t end) {
    x.begin = at_;
    x.end = at_ = end;
    if (x.kind != mime_kind::glue || x.begin != x.end)
      out_.push_back(x);
  }

  content header() {
    content out;
    auto rest = text_.substr(at_);
    auto position = [&] { return text_.size() - rest.size(); };
    bool has_encoding = false;
    while (!delimiter_at(position())) {
      auto field = take_field(rest);
      if (!field)
        break;
      if (ascii::same_word(field->name, "Content-Type") && out.type.empty()) {
        type_reader{unfolded(field->body.substr(0, max_field))}.read(out);
      } else if (ascii::same_word(field->name, "Content-Transfer-Encoding") && !has_encoding) {
        out.encoding = encoding_of(unfolded(field->body.substr(0, max_field)));
        has_encoding = true;
      }
    }
    take_empty_line(rest);
    bool is_composite = out.is_multipart() || out.type.starts_with("message/");
    emit({mime_kind::header, 0, 0, out.encoding, is_composite}, position());
    return out;
  }

  // Ends the body or the preamble that begins here, goes behind the delimiters that follow, up to
  // the header of the next part or to the end.
  void next_delimiter(mime_segment what) {
    auto from = at_;
    auto line = at_; // the begin of a line that may be one
    while (line != text_.npos) {
      auto found = delimiter_at(line);
      if (found) {
        // RFC 2046 §5.1.1: the line end before it is part of it.
        emit(what, line == from ? line : line - 2);
        emit({mime_kind::glue, 0, 0}, found->end);
        open_.resize(found->level + (found->closes ? 0 : 1));
        if (!found->closes)
          return;
        what = {mime_kind::glue, 0, 0};
        // The line end of this delimiter may be the one before the next.
        from = line = at_;
        continue;
      }
      line = open_.empty() ? text_.npos : text_.find("\r\n--", line);
      line = line == text_.npos ? line : line + 2;
    }
    emit(what, text_.size());
    is_at_end_ = true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t parts_ = 0;
  bool is_at_end_ = false;
  std::vector<multipart> open_;
  std::vector<mime_segment> out_;
};

} // namespace

std::optional<std::vector<mime_segment>> walk_mime(std::string_view message) {
  return walker{message}.walk();
}

} // namespace hamlet::mail
