// SPDX-License-Identifier: Apache-2.0
#include "gateway/admin/http_session.hpp"

#include <cstdint>
#include <cstdlib>

using namespace hamlet::admin;

namespace {

std::string talk(std::string_view bytes, std::size_t step) {
  http_session session{[](std::string_view path) { return page{200, "x", std::string{path}}; }};
  std::string all;
  for (std::size_t i = 0; i < bytes.size(); i += step) {
    session.feed(bytes.substr(i, step));
    while (auto answer = session.next(0))
      all += answer->bytes;
  }
  return all;
}

} // namespace

/// Splitting the input changes no answer. A refusal may come later, since Beast waits for the end
/// of a header that it has seen in part; and near the limit of a header it may be another one.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view bytes{reinterpret_cast<const char*>(data), size};
  auto whole = talk(bytes, bytes.size() + 1);
  auto split = talk(bytes, 1 + (size > 0 ? data[0] % 7 : 0));
  if (size < http_session::max_header && !whole.starts_with(split))
    std::abort();
  return 0;
}
