// SPDX-License-Identifier: Apache-2.0
#include "gateway/net/proxy_header.hpp"

#include <cstdint>
#include <cstdlib>

using namespace hamlet::net;

/// What is read in pieces must end as what is read at once, and never ask for a byte too many.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view bytes{reinterpret_cast<const char*>(data), size};
  auto whole = parse_proxy_header(bytes);
  for (std::size_t n = 0; n <= size && n <= max_proxy_header; ++n) {
    auto part = parse_proxy_header(bytes.substr(0, n));
    auto* more = std::get_if<proxy_needs_more>(&part);
    if (!more && part != whole)
      std::abort();
    if (more && (more->bytes == 0 || n + more->bytes > max_proxy_header))
      std::abort();
    auto* header = std::get_if<proxy_header>(&whole);
    if (header && ((n < header->size) != (more != nullptr) || header->size > max_proxy_header))
      std::abort();
    if (header && more && n + more->bytes > header->size)
      std::abort();
  }
  return 0;
}
