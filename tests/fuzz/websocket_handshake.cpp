// SPDX-License-Identifier: Apache-2.0
#include "gateway/websocket/handshake.hpp"

#include <cstdint>
#include <cstdlib>

using namespace hamlet;
using namespace hamlet::websocket;

namespace {

using answer = std::variant<needs_more, opening, refusal>;

void must(bool x) {
  if (!x)
    std::abort();
}

answer fed(std::string_view a, std::string_view b) {
  static const auto proxy = ip_address::of("10.0.0.1").value();
  static const auto policy = std::make_shared<const rules>(
    rules{"/chat", {"https://a.example"}, {network::of("10.0.0.0/8").value()}, kind::text});
  handshake h{policy, proxy};
  auto first = h.feed(a);
  if (!std::holds_alternative<needs_more>(first)) {
    if (auto* open = std::get_if<opening>(&first))
      open->rest += b;
    return first;
  }
  return h.feed(b);
}

} // namespace

/// The first octet says where the rest is split, which may change nothing. What the client wrote
/// never becomes a line of the answer.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > handshake::max_header)
    return 0; // in pieces, a request that is just too long may fail for another reason
  std::string_view bytes{reinterpret_cast<const char*>(data + 1), size - 1};
  auto cut = std::min<std::size_t>(data[0], bytes.size());
  auto whole = fed(bytes, "");
  auto parts = fed(bytes.substr(0, cut), bytes.substr(cut));
  must(whole.index() == parts.index());
  if (auto* open = std::get_if<opening>(&whole)) {
    auto& other = std::get<opening>(parts);
    must(open->response == other.response && open->rest == other.rest && open->how == other.how
         && open->client == other.client && open->origin == other.origin);
    must(open->response.starts_with("HTTP/1.1 101 "));
    must(open->response.find("\r\n\r\n") == open->response.size() - 4);
    must(open->origin.empty() || open->origin == "https://a.example"
         || open->origin.size() == std::string_view{"https://a.example"}.size());
  }
  if (auto* no = std::get_if<refusal>(&whole)) {
    must(no->status == std::get<refusal>(parts).status);
    must(no->status >= 400 && no->status < 500 && !no->why.empty());
  }
  return 0;
}
