// SPDX-License-Identifier: Apache-2.0
#include "lib/mail/address.hpp"
#include "lib/mail/literal.hpp"
#include "lib/mail/trace.hpp"
#include "lib/mail/xtext.hpp"
#include "lib/text/utf8.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace hamlet;
using namespace hamlet::mail;

namespace {

void check(bool holds) {
  if (!holds)
    std::abort();
}

// What is read once is written so that it is read again as the same.
void check_address(const address& x) {
  auto text = x.text();
  for (char c : text)
    check((c & 0x80) != 0 || (c >= ' ' && c != 127));
  check(utf8::is_valid(text));
  check(x.internationalized == !utf8::is_ascii(text));
  if (!x.domain.empty())
    check(parse_address(text) == x);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text{reinterpret_cast<const char*>(data), size};
  for (bool utf8 : {false, true}) {
    path_error why{};
    auto found = parse_path(text, utf8, why);
    check(found.has_value() == (why == path_error::none));
    if (found && !found->null) {
      check_address(found->mailbox);
      check(utf8 || !found->mailbox.internationalized);
    }
    if (auto bare = parse_address(text, utf8))
      check_address(*bare);
  }
  if (auto literal = canonical_literal(text))
    check(canonical_literal(*literal) == literal);
  if (auto bytes = decode_xtext(text))
    check(decode_xtext(encode_xtext(*bytes)) == bytes);
  if (auto address = decode_utf8_address(text))
    check(decode_utf8_address(encode_utf8_address(*address)) == address);
  is_original_recipient(text);
  for (auto& field : {return_path_field(text), delivered_to_field(text)})
    check(field.find_first_of("\r\n") == field.size() - 2);
  return 0;
}
