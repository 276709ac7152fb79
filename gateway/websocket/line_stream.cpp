// SPDX-License-Identifier: Apache-2.0
#include "gateway/websocket/line_stream.hpp"

#include <algorithm>
#include <utility>

namespace hamlet::websocket {

line_stream::line_stream(std::shared_ptr<const rules> rules, const ip_address& peer)
    : door_{std::in_place, std::move(rules), peer} {
}

line_stream::outcome line_stream::feed(std::string_view bytes) {
  outcome out;
  if (ended_)
    return out;
  if (is_open_) {
    take(bytes, out);
    return out;
  }
  auto found = door_->feed(bytes);
  if (std::holds_alternative<needs_more>(found))
    return out;
  door_.reset();
  if (auto* no = std::get_if<refusal>(&found)) {
    out.reply = std::move(no->response);
    out.why = no->why;
    out.ended = ended_ = true;
    return out;
  }
  out.opened = std::move(std::get<opening>(found));
  is_open_ = true;
  how_ = out.opened->how;
  out.reply = std::exchange(out.opened->response, {});
  take(std::exchange(out.opened->rest, {}), out);
  return out;
}

void line_stream::take(std::string_view bytes, outcome& out) {
  frames::outcome got;
  frames_.feed(bytes, got);
  for (auto& x : got.messages)
    out.lines.append(x.bytes).append("\r\n"); // one too many makes an empty line, which is nothing
  out.reply += got.reply;
  out.ended = ended_ = got.closed.has_value();
}

std::string line_stream::wrap(std::string_view lines) const {
  std::string out;
  if (!is_open())
    return out;
  while (!lines.empty()) {
    auto size = std::min(lines.find('\n'), lines.size() - 1) + 1;
    out += frame(how_, lines.substr(0, size));
    lines.remove_prefix(size);
  }
  return out;
}

std::string line_stream::goodbye(std::uint16_t code, std::string_view reason) {
  if (!is_open())
    return {};
  ended_ = true;
  return close_frame(code, reason);
}

} // namespace hamlet::websocket
