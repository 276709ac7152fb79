// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/network.hpp"
#include "lib/log/log.hpp"
#include "lib/tls/context.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

// The kinds of values beside numbers, durations, strings and their lists.

namespace hamlet::config {

/// Where to listen: "0.0.0.0:25", "[::]:25". Port 0: the system chooses (tests).
struct endpoint {
  ip_address address;
  std::uint16_t port = 0;

  static std::optional<endpoint> of(std::string_view text);
  std::string text() const;
  bool operator==(const endpoint&) const = default;
};

/// The words of an enum, in the order of the manual.
template <class E>
struct words;

template <>
struct words<tls::version> {
  static constexpr std::array<std::pair<std::string_view, tls::version>, 2> all{
    {{"1.2", tls::version::tls_1_2}, {"1.3", tls::version::tls_1_3}}};
};
template <>
struct words<log::level> {
  static constexpr std::array<std::pair<std::string_view, log::level>, 5> all{
    {{"debug", log::level::debug},
     {"info", log::level::info},
     {"warning", log::level::warning},
     {"error", log::level::error},
     {"off", log::level::off}}};
};
template <>
struct words<log::format> {
  static constexpr std::array<std::pair<std::string_view, log::format>, 2> all{
    {{"text", log::format::text}, {"json", log::format::json}}};
};

} // namespace hamlet::config
