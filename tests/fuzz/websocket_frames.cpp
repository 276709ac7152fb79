// SPDX-License-Identifier: Apache-2.0
#include "gateway/websocket/frames.hpp"
#include "lib/text/utf8.hpp"

#include <cstdint>
#include <cstdlib>

using namespace hamlet;
using namespace hamlet::websocket;

namespace {

constexpr std::size_t longest = 300; // so that the fuzzer reaches it

void must(bool x) {
  if (!x)
    std::abort();
}

} // namespace

/// The first octet says where the rest is split, which may change nothing but how often a ping is
/// answered.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0)
    return 0;
  std::string_view bytes{reinterpret_cast<const char*>(data + 1), size - 1};
  auto cut = std::min<std::size_t>(data[0], bytes.size());
  frames::outcome whole, parts;
  frames{longest}.feed(bytes, whole);
  frames f{longest};
  f.feed(bytes.substr(0, cut), parts);
  f.feed(bytes.substr(cut), parts);
  must(parts.messages == whole.messages && parts.closed == whole.closed);
  for (auto& x : whole.messages) {
    must(x.bytes.size() <= longest);
    must(x.how == kind::binary || utf8::is_valid(x.bytes));
    auto shown = frame(kind::text, x.bytes);
    auto head = static_cast<unsigned char>(shown.at(1)) < 126 ? 2u : 4u;
    must(shown[0] == '\x81' && utf8::is_valid(std::string_view{shown}.substr(head)));
  }
  if (whole.closed) {
    auto before = parts.reply;
    f.feed(bytes, parts);
    must(parts.reply == before && !whole.reply.empty());
  }
  return 0;
}
