// SPDX-License-Identifier: Apache-2.0
#include "gateway/websocket/frames.hpp"

#include "gateway/irc/render_parts.hpp"

#include <algorithm>

namespace hamlet::irc {

namespace {

void wrap(std::vector<message>& lines, const policy& rules, std::string_view key,
          std::string_view value) {
  auto outer_tag = [](message& x, std::string_view k, std::string_view v) {
    x.tags.insert(x.tags.begin(), tag{std::string{k}, std::string{v}});
  };
  auto tag_all = [&](std::string_view ref) {
    for (auto& x : lines)
      if (x.find_tag("batch") == nullptr)
        outer_tag(x, "batch", ref);
  };
  if (key == "batch")
    return tag_all(value);
  auto first = lines.front().command;
  auto is_one = lines.size() == 1 || (first == "BATCH" && lines.back().command == "BATCH");
  if (key != "label" || is_one)
    return outer_tag(lines.front(), key, value);
  // The value is the client's: a batch of that name may be open. This one is done at once.
  constexpr std::string_view ref = "reply";
  tag_all(ref);
  message open{{}, rules.server_name, "BATCH", {"+" + std::string{ref}, "labeled-response"}};
  message close{{}, rules.server_name, "BATCH", {"-" + std::string{ref}}};
  outer_tag(open, key, value);
  lines.insert(lines.begin(), std::move(open));
  lines.push_back(std::move(close));
}

} // namespace

std::string framed(std::string_view line, framing wire) {
  switch (wire) {
  case framing::ws_text: return websocket::frame(websocket::kind::text, line);
  case framing::ws_binary: return websocket::frame(websocket::kind::binary, line);
  case framing::lines: break;
  }
  std::string out;
  out.reserve(line.size() + 2);
  out += line;
  out += "\r\n";
  return out;
}

std::string bytes_of(std::vector<message> lines, framing wire, const policy& rules,
                     std::string_view tag) {
  if (lines.empty())
    return {};
  if (!tag.empty()) {
    auto key = tag.substr(0, tag.find('='));
    auto value = tag.substr(std::min(key.size() + 1, tag.size()));
    wrap(lines, rules, key, unescape_tag_value(value));
  }
  std::string out;
  for (auto& x : lines)
    out += framed(serialise(x), wire);
  return out;
}

std::string bytes_of(const chat::v1::Event& event, const viewer& who, const policy& rules,
                     std::string_view tag) {
  if (event.has_message())
    if (auto bytes = plain_bytes(event, who, tag))
      return std::move(*bytes);
  return bytes_of(lines_of(event, who, rules), who.wire, rules, tag);
}

} // namespace hamlet::irc
