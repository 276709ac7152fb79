// SPDX-License-Identifier: Apache-2.0
#include "gateway/net/proxy_header.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace hamlet::net {

namespace {

using namespace std::string_view_literals;

constexpr auto signature = "\r\n\r\n\0\r\nQUIT\n"sv;
constexpr std::size_t fixed_part = 16;
constexpr std::array<std::size_t, 4> address_bytes{0, 12, 36, 216}; // UNSPEC, INET, INET6, UNIX

std::uint8_t octet(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint8_t>(bytes[at]);
}

std::uint16_t number(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint16_t>(octet(bytes, at) << 8 | octet(bytes, at + 1));
}

ip_address v4_at(std::string_view bytes, std::size_t at) {
  std::array<std::uint8_t, ip_address::size> octets{};
  octets[10] = octets[11] = 0xff; // RFC 4291 §2.5.5.2
  for (std::size_t i = 0; i < 4; ++i)
    octets[12 + i] = octet(bytes, at + i);
  return ip_address{octets};
}

ip_address v6_at(std::string_view bytes, std::size_t at) {
  std::array<std::uint8_t, ip_address::size> octets{};
  for (std::size_t i = 0; i < octets.size(); ++i)
    octets[i] = octet(bytes, at + i);
  return ip_address{octets};
}

using found = std::variant<proxy_header, proxy_needs_more, proxy_bad>;

constexpr auto line_begin = "PROXY "sv;
constexpr auto shortest_line = "PROXY UNKNOWN\r\n"sv.size();
constexpr std::size_t longest_line = 107; // with its CR LF

std::string_view take_word(std::string_view& line) {
  auto size = std::min(line.find(' '), line.size());
  auto word = line.substr(0, size);
  line.remove_prefix(std::min(size + 1, line.size()));
  return word;
}

std::optional<std::uint16_t> port_of(std::string_view text) {
  std::uint16_t port = 0;
  auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), port);
  auto has_zero_before = text.size() > 1 && text[0] == '0';
  if (ec != std::errc{} || end != text.data() + text.size() || has_zero_before)
    return {};
  return port;
}

/// "PROXY TCP4 192.0.2.1 198.51.100.2 12345 25"
found parse_line(std::string_view line) {
  proxy_header header;
  header.size = line.size() + 2;
  line.remove_prefix(line_begin.size());
  auto family = take_word(line);
  if (family == "UNKNOWN")
    return header; // whatever follows
  auto source = take_word(line);
  auto target = take_word(line);
  auto source_port = port_of(take_word(line));
  auto target_port = port_of(take_word(line));
  auto fits = [&](std::string_view text) {
    return (text.find(':') == text.npos) == (family == "TCP4") && ip_address::of(text);
  };
  if ((family != "TCP4" && family != "TCP6") || !fits(source) || !fits(target) || !source_port
      || !target_port || !line.empty())
    return proxy_bad{"a line that is not understood"};
  header.source = ip_address::of(source);
  header.port = *source_port;
  return header;
}

found parse_version_1(std::string_view bytes) {
  auto known = std::min(bytes.size(), line_begin.size());
  if (bytes.substr(0, known) != line_begin.substr(0, known))
    return proxy_bad{"no PROXY signature"};
  auto end = bytes.find_first_of("\r\n");
  if (std::min(end, bytes.size()) > longest_line - 2)
    return proxy_bad{"too long"};
  if (end == bytes.npos)
    return proxy_needs_more{std::max<std::size_t>(bytes.size() + 2, shortest_line) - bytes.size()};
  if (bytes[end] == '\n' || (end + 1 < bytes.size() && bytes[end + 1] != '\n'))
    return proxy_bad{"a line that is not understood"};
  if (end + 1 == bytes.size())
    return proxy_needs_more{1};
  return parse_line(bytes.substr(0, end));
}

} // namespace

std::variant<proxy_header, proxy_needs_more, proxy_bad> parse_proxy_header(std::string_view bytes) {
  if (bytes.empty())
    return proxy_needs_more{signature.size()}; // the shorter of both has more
  if (bytes[0] == line_begin[0])
    return parse_version_1(bytes);
  auto known = std::min(bytes.size(), signature.size());
  if (bytes.substr(0, known) != signature.substr(0, known))
    return proxy_bad{"no PROXY signature"};
  if (bytes.size() > 12 && octet(bytes, 12) >> 4 != 2)
    return proxy_bad{"not version 2"};
  if (bytes.size() > 12 && (octet(bytes, 12) & 15) > 1)
    return proxy_bad{"unknown command"};
  if (bytes.size() > 13 && (octet(bytes, 13) >> 4 > 3 || (octet(bytes, 13) & 15) > 2))
    return proxy_bad{"unknown address family or transport"};
  if (bytes.size() < fixed_part)
    return proxy_needs_more{fixed_part - bytes.size()};

  auto local = (octet(bytes, 12) & 15) == 0;
  auto family = octet(bytes, 13) >> 4;
  auto transport = octet(bytes, 13) & 15;
  std::size_t rest = number(bytes, 14);
  if (fixed_part + rest > max_proxy_header)
    return proxy_bad{"too long"};
  if (!local && transport == 2)
    return proxy_bad{"datagrams on a stream"};
  auto tells_address = !local && transport == 1;
  if (tells_address && rest < address_bytes[static_cast<std::size_t>(family)])
    return proxy_bad{"too short for its addresses"};
  if (bytes.size() < fixed_part + rest)
    return proxy_needs_more{fixed_part + rest - bytes.size()};

  proxy_header header;
  header.local = local;
  header.size = fixed_part + rest;
  if (tells_address && family == 1) {
    header.source = v4_at(bytes, fixed_part);
    header.port = number(bytes, fixed_part + 8);
  } else if (tells_address && family == 2) {
    header.source = v6_at(bytes, fixed_part);
    header.port = number(bytes, fixed_part + 32);
  }
  return header;
}

} // namespace hamlet::net
