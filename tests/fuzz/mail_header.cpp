// SPDX-License-Identifier: Apache-2.0
#include "lib/mail/downgrade.hpp"
#include "lib/mail/dsn.hpp"
#include "lib/mail/header_address.hpp"
#include "lib/mail/header_field.hpp"
#include "lib/mail/header_scan.hpp"
#include "lib/mail/trace.hpp"
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

void scan(std::string_view text) {
  header_scanner scanner;
  while (!text.empty()) {
    auto end = text.find("\r\n");
    if (!scanner.line(text.substr(0, end)) || end == text.npos)
      break;
    text.remove_prefix(end + 2);
  }
  scanner.finish();
  check(scanner.facts().from.size() <= 100);
  for (auto& x : scanner.facts().from)
    check(parse_address(x).has_value());
}

void report(std::string_view text) {
  report_info info;
  info.host = info.to = info.envelope_id = text.substr(0, 40);
  info.id = "fuzz";
  std::string own{text.substr(0, 80)};
  info.recipients = {{own, own, dsn_action::failed, own, own}};
  info.original = text;
  auto message = success_report(info);
  check(is_text(message));
  info.returns_all = true;
  check(is_text(success_report(info)));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text{reinterpret_cast<const char*>(data), size};
  scan(text);
  for (auto& x : read_address_list(text, 50).entries)
    if (x.who)
      check(parse_address(x.who->text()) == x.who);
  auto surrogate = surrogate_header(text);
  check(utf8::is_ascii(surrogate));
  check(is_text(surrogate));
  check(surrogate_header(surrogate) == surrogate);
  surrogate_message(text);
  report(text);
  received_info hop;
  hop.helo = hop.by_host = hop.id = hop.client_ip = text;
  auto received = received_field(hop);
  std::string_view rest = received;
  check(is_text(received) && take_field(rest) && rest.empty());
  return 0;
}
