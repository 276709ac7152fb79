// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/admin/status.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hamlet::admin {

constexpr std::int32_t usual_page = 100, largest_page = 1000;

/// How many a request that lists wants; what makes no sense is taken for the nearest that does.
template <class Request>
std::size_t page_size_of(const Request& x) {
  return static_cast<std::size_t>(x.page_size() <= 0 ? usual_page
                                                     : std::min(x.page_size(), largest_page));
}

/// A page token that is a number. nullopt: none of ours; 0: the first page.
inline std::optional<std::int64_t> number_of_page(const std::string& token) {
  std::int64_t at = 0;
  auto* end = token.data() + token.size();
  auto [last, wrong] = std::from_chars(token.data(), end, at);
  if (token.empty())
    return 0;
  return wrong == std::errc{} && last == end && at >= 0 ? std::optional{at} : std::nullopt;
}

/// Fills a page from a list that is whole in memory and in order: put(element) for each one behind
/// `page_token`, which is the key of the last one before. @return the next token.
template <class Request, class List, class Key, class Put>
std::string page_of(const Request& x, const List& all, Key key_of, Put put) {
  auto from = x.page_token().empty()
                ? all.begin()
                : std::ranges::upper_bound(all, x.page_token(), std::less<>{}, key_of);
  auto left = page_size_of(x);
  auto at = from;
  for (; at != all.end() && left > 0; ++at, --left)
    put(*at);
  return at == all.end() ? std::string{} : std::string{key_of(*std::prev(at))};
}

} // namespace hamlet::admin
