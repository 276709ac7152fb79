// SPDX-License-Identifier: Apache-2.0
#include "lib/mail/binary.hpp"

#include "lib/mail/header_field.hpp"
#include "lib/mail/mime_walk.hpp"
#include "lib/text/ascii.hpp"
#include "lib/text/base64.hpp"

#include <algorithm>
#include <cstdint>

namespace hamlet::mail {

namespace {

enum class change : std::uint8_t { none, encode, wrap, say_8bit, impossible };

change change_of(const mime_segment& body, std::string_view bytes) {
  bool is_clean = is_text(bytes);
  if (body.encoding == transfer::binary && body.is_composite)
    return is_clean ? change::say_8bit : change::impossible;
  if (body.encoding == transfer::binary)
    return change::encode;
  if (is_clean)
    return change::none;
  if (body.encoding == transfer::base64)
    return change::wrap;
  // RFC 2045 §6.4: one encoding, and none around the parts of a composite.
  return body.encoding == transfer::plain && !body.is_composite ? change::encode
                                                                : change::impossible;
}

void add_lines(std::string& out, std::string_view base64) {
  constexpr std::size_t max_line = 76; // RFC 2045 §6.8
  for (std::size_t i = 0; i < base64.size(); i += max_line)
    out.append(base64.substr(i, max_line)).append("\r\n");
}

// The header with this encoding and no other.
void add_header(std::string& out, std::string_view header, std::string_view encoding,
                bool is_main) {
  std::string field = "Content-Transfer-Encoding: " + std::string{encoding} + "\r\n";
  bool is_named = false, has_version = !is_main;
  auto end_line = [&out] {
    if (!out.empty() && !out.ends_with('\n'))
      out += "\r\n";
  };
  while (auto x = take_field(header)) {
    has_version |= ascii::same_word(x->name, "MIME-Version");
    if (!ascii::same_word(x->name, "Content-Transfer-Encoding")) {
      out += x->raw;
    } else if (!is_named) {
      out += field;
      is_named = true;
    }
  }
  end_line();
  if (!has_version)
    out += "MIME-Version: 1.0\r\n";
  if (!is_named)
    out += field;
  out += "\r\n";
}

std::string wrapped(std::string_view base64) {
  std::string kept;
  kept.reserve(base64.size());
  std::ranges::copy_if(base64, std::back_inserter(kept), [](char x) { return x > ' ' && x < 127; });
  return kept;
}

} // namespace

std::optional<std::string> to_text(std::string_view message) {
  auto segments = walk_mime(message);
  if (!segments)
    return std::nullopt;
  auto bytes_of = [&](const mime_segment& x) { return message.substr(x.begin, x.end - x.begin); };
  std::string out;
  out.reserve(message.size() + message.size() / 2);
  auto todo = change::none; // with the body whose header was the last
  for (std::size_t i = 0; i < segments->size(); ++i) {
    auto& x = (*segments)[i];
    auto bytes = bytes_of(x);
    if (x.kind != mime_kind::body && !is_text(bytes))
      return std::nullopt;
    switch (x.kind) {
    case mime_kind::header: {
      bool is_leaf = i + 1 < segments->size() && (*segments)[i + 1].kind == mime_kind::body;
      if (is_leaf)
        todo = change_of((*segments)[i + 1], bytes_of((*segments)[i + 1]));
      else
        todo = x.encoding == transfer::binary ? change::say_8bit : change::none;
      if (todo == change::impossible)
        return std::nullopt;
      if (todo == change::encode)
        add_header(out, bytes, "base64", x.begin == 0);
      else if (todo == change::say_8bit)
        add_header(out, bytes, "8bit", x.begin == 0);
      else
        out += bytes;
      break;
    }
    case mime_kind::body:
      if (todo == change::encode)
        add_lines(out, base64::encode(bytes));
      else if (todo == change::wrap)
        add_lines(out, wrapped(bytes));
      else
        out += bytes;
      // The line end that a delimiter brings along.
      if ((todo == change::encode || todo == change::wrap) && i + 1 < segments->size()
          && bytes_of((*segments)[i + 1]).starts_with("\r\n") && out.ends_with("\r\n"))
        out.resize(out.size() - 2);
      break;
    case mime_kind::glue: out += bytes; break;
    }
  }
  return out;
}

} // namespace hamlet::mail
