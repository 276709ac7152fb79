// SPDX-License-Identifier: Apache-2.0
#include "lib/config/text.hpp"

#include "lib/log/escape.hpp"
#include "lib/text/ascii.hpp"

#include <charconv>
#include <iterator>

namespace hamlet::config {

namespace {

struct unit_word {
  std::string_view word;
  std::uint64_t factor;
};
constexpr unit_word durations[] = {
  {"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}};
constexpr unit_word sizes[] = {{"TiB", std::uint64_t{1} << 40},
                               {"GiB", 1u << 30},
                               {"MiB", 1u << 20},
                               {"KiB", 1u << 10},
                               {"B", 1}};
constexpr std::uint64_t most_ms = 100ull * 365 * 86'400'000;
constexpr std::uint64_t most_octets = std::uint64_t{1} << 60;

std::optional<std::uint64_t> amount_of(std::string_view text, const auto& units,
                                       std::uint64_t most) {
  auto end = std::ranges::find_if_not(text, ascii::is_digit) - text.begin();
  auto digits = text.substr(0, static_cast<std::size_t>(end));
  auto unit = std::ranges::find(units, text.substr(digits.size()), &unit_word::word);
  std::uint64_t n = 0;
  auto fault = std::from_chars(digits.data(), digits.data() + digits.size(), n).ec;
  if (fault != std::errc{} || unit == std::end(units) || n > most / unit->factor)
    return std::nullopt;
  return n * unit->factor;
}

std::string amount_text(std::uint64_t x, const auto& units, std::string_view zero) {
  if (x == 0)
    return std::string{zero};
  auto unit = std::ranges::find_if(units, [x](const auto& u) { return x % u.factor == 0; });
  return std::to_string(x / unit->factor) + std::string{unit->word};
}

} // namespace

std::string_view to_string(takes_effect x) {
  switch (x) {
  case takes_effect::at_once: return "at once";
  case takes_effect::for_new_connections: return "for new connections";
  case takes_effect::on_restart: return "on restart";
  }
  return "unknown";
}

std::optional<std::chrono::milliseconds> duration_of(std::string_view text) {
  auto ms = amount_of(text, durations, most_ms);
  return ms ? std::optional{std::chrono::milliseconds{*ms}} : std::nullopt;
}

std::string duration_text(std::chrono::milliseconds x) {
  return amount_text(static_cast<std::uint64_t>(x.count()), durations, "0s");
}

std::optional<std::uint64_t> octets_of(std::string_view text) {
  return amount_of(text, sizes, most_octets);
}

std::string octets_text(std::uint64_t x) {
  return amount_text(x, sizes, "0B");
}

// The escapes of JSON are escapes of TOML too.
std::string toml_string(std::string_view text) {
  std::string out;
  log::append_json(out, text);
  return out;
}

std::string_view expectation_of(const std::vector<endpoint>*) {
  return R"(a list of addresses with ports, such as ["0.0.0.0:25", "[::]:25"])";
}

std::string_view expectation_of(const std::vector<network>*) {
  return R"(a list of networks, such as ["192.0.2.0/24", "2001:db8::/32", "::1"])";
}

std::string_view expectation_of(const std::vector<std::string>*) {
  return "a list of strings";
}

std::string_view expectation_of(const rate*) {
  return R"(a number within a time, such as "10/15s")";
}

std::optional<rate> rate::of(std::string_view text) {
  constexpr std::uint32_t most = 1'000'000;
  constexpr std::chrono::hours longest{30 * 24};
  if (text == "off")
    return rate{};
  auto slash = text.find('/');
  if (slash == text.npos)
    return std::nullopt;
  rate x;
  auto [end, fault] = std::from_chars(text.data(), text.data() + slash, x.count);
  auto per = duration_of(text.substr(slash + 1));
  if (fault != std::errc{} || end != text.data() + slash || !per)
    return std::nullopt;
  x.per = *per;
  if (x.count == 0 || x.count > most || x.per == x.per.zero() || x.per > longest)
    return std::nullopt;
  return x;
}

std::string rate::text() const {
  return is_off() ? "off" : std::to_string(count) + "/" + duration_text(per);
}

bool chat_operator::may(privilege x) const {
  return privileges.empty() || std::ranges::find(privileges, x) != privileges.end();
}

std::optional<endpoint> endpoint::of(std::string_view text) {
  auto colon = text.rfind(':');
  if (colon == text.npos)
    return std::nullopt;
  auto host = text.substr(0, colon);
  auto digits = text.substr(colon + 1);
  auto is_bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (is_bracketed)
    host = host.substr(1, host.size() - 2);
  if (is_bracketed != (host.find(':') != host.npos))
    return std::nullopt;
  auto address = ip_address::of(host);
  std::uint16_t port = 0;
  auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (!address || fault != std::errc{} || end != digits.data() + digits.size())
    return std::nullopt;
  return endpoint{*address, port};
}

std::string endpoint::text() const {
  auto host = address.text();
  if (!address.is_v4())
    host = "[" + host + "]";
  return host + ":" + std::to_string(port);
}

} // namespace hamlet::config
