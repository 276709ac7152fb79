// SPDX-License-Identifier: Apache-2.0
#include "gateway/net/proxy_header.hpp"

#include <gtest/gtest.h>

namespace hamlet::net {

namespace {

using namespace std::string_literals;

const std::string signature = "\r\n\r\n\0\r\nQUIT\n"s;
const std::string v4_pair = "\xC0\x00\x02\x01\xC6\x33\x64\x02\x30\x39\x00\x19"s;

/// A header of the two octets before the length, and what follows it.
std::string header(const std::string& kind, const std::string& rest) {
  return signature + kind + static_cast<char>(rest.size() >> 8) + static_cast<char>(rest.size())
         + rest;
}

std::string v6_pair() {
  return "\x20\x01\x0d\xb8"s + std::string(11, '\0') + "\x07" + std::string(15, '\0') + "\x01"s
         + "\x01\x02\x03\x04";
}

TEST(ProxyHeader, ReadsWhatIsSaidOfTheClient) {
  struct {
    const char* what;
    std::string bytes;
    const char* source; // "": none
    std::uint16_t port;
    bool local;
  } cases[] = {
    {"TCP over IPv4", header("\x21\x11", v4_pair), "192.0.2.1", 12345, false},
    {"TCP over IPv6", header("\x21\x21", v6_pair()), "2001:db8::7", 0x0102, false},
    {"IPv4 as v6",
     header("\x21\x21",
            std::string(10, '\0') + "\xff\xff\xC0\x00\x02\x01"s + std::string(20, '\1')),
     "192.0.2.1", 0x0101, false},
    {"with TLVs", header("\x21\x11", v4_pair + "\x04\x00\x03xyz"s), "192.0.2.1", 12345, false},
    {"the longest", header("\x21\x11", v4_pair + std::string(508, 't')), "192.0.2.1", 12345, false},
    {"a health check", header("\x20\x00"s, ""), "", 0, true},
    {"a health check with addresses", header("\x20\x11", v4_pair), "", 0, true},
    {"a health check with few of them", header("\x20\x11", "abc"), "", 0, true},
    {"nothing known", header("\x21\x00"s, ""), "", 0, false},
    {"nothing known, with TLVs", header("\x21\x00"s, "\x04\x00\x01x"s), "", 0, false},
    {"a Unix socket", header("\x21\x31", std::string(216, 'u')), "", 0, false},
    {"version 1", "PROXY TCP4 192.0.2.1 198.51.100.2 12345 25\r\n", "192.0.2.1", 12345, false},
    {"version 1, IPv6", "PROXY TCP6 2001:db8::7 2001:db8::1 258 772\r\n", "2001:db8::7", 258,
     false},
    {"version 1, the shortest", "PROXY UNKNOWN\r\n", "", 0, false},
    {"version 1, the longest", "PROXY UNKNOWN " + std::string(91, 'x') + "\r\n", "", 0, false},
    {"IPv4 over something", header("\x21\x10", v4_pair), "", 0, false},
  };
  for (auto& c : cases) {
    auto found = parse_proxy_header(c.bytes);
    auto* got = std::get_if<proxy_header>(&found);
    ASSERT_TRUE(got) << c.what;
    EXPECT_EQ(got->source ? got->source->text() : "", c.source) << c.what;
    EXPECT_EQ(got->port, c.port) << c.what;
    EXPECT_EQ(got->local, c.local) << c.what;
    EXPECT_EQ(got->size, c.bytes.size()) << c.what;
    EXPECT_EQ(parse_proxy_header(c.bytes + "EHLO x\r\n"), found) << c.what;
    for (std::size_t n = 0; n < c.bytes.size(); ++n) {
      auto part = parse_proxy_header(std::string_view{c.bytes}.substr(0, n));
      auto* more = std::get_if<proxy_needs_more>(&part);
      ASSERT_TRUE(more) << c.what << " at " << n;
      EXPECT_GT(more->bytes, 0u);
      EXPECT_LE(n + more->bytes, c.bytes.size()) << "would read beyond the header";
    }
  }
}

TEST(ProxyHeader, RefusesEverythingElseAtItsFirstWrongByte) {
  auto* bad_line = "a line that is not understood";
  struct {
    std::string bytes;
    const char* why;
  } cases[] = {
    {"E", "no PROXY signature"},
    {"PROXIED", "no PROXY signature"},
    {"PROXY TCP4 192.0.2.1 192.0.2.2 1\r\n", bad_line},
    {"PROXY TCP4 192.0.2.1 192.0.2.2 1 2 3\r\n", bad_line},
    {"PROXY TCP4 192.0.2.1 192.0.2.2 1 65536\r\n", bad_line},
    {"PROXY TCP4 192.0.2.1 192.0.2.2 01 2\r\n", bad_line},
    {"PROXY TCP4 192.0.2.1 192.0.2.2 -1 2\r\n", bad_line},
    {"PROXY TCP4 2001:db8::1 2001:db8::2 1 2\r\n", bad_line},
    {"PROXY TCP6 192.0.2.1 192.0.2.2 1 2\r\n", bad_line},
    {"PROXY TCP4 mail.example 192.0.2.2 1 2\r\n", bad_line},
    {"PROXY TCP4  192.0.2.1 192.0.2.2 1 2\r\n", bad_line},
    {"PROXY UDP4 192.0.2.1 192.0.2.2 1 2\r\n", bad_line},
    {"PROXY UNKNOWN\n", bad_line},
    {"PROXY UNKNOWN\rx", bad_line},
    {"PROXY UNKNOWN " + std::string(92, 'x'), "too long"},
    {signature.substr(0, 11) + "X", "no PROXY signature"},
    {signature + "\x11", "not version 2"},
    {signature + "\x31", "not version 2"},
    {signature + "\x22", "unknown command"},
    {signature + "\x21\x41", "unknown address family or transport"},
    {signature + "\x21\x13", "unknown address family or transport"},
    {header("\x21\x12", v4_pair), "datagrams on a stream"},
    {header("\x21\x11", v4_pair.substr(1)), "too short for its addresses"},
    {header("\x21\x21", v6_pair().substr(1)), "too short for its addresses"},
    {header("\x21\x31", std::string(215, 'u')), "too short for its addresses"},
    {signature + "\x21\x11\x02\x09", "too long"}, // 521 + 16 bytes
    {signature + "\x20\x00\xff\xff"s, "too long"},
  };
  for (auto& c : cases)
    EXPECT_EQ(std::get<proxy_bad>(parse_proxy_header(c.bytes)).why, c.why);
}

} // namespace

} // namespace hamlet::net
