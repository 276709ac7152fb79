// SPDX-License-Identifier: Apache-2.0
#include "gateway/irc/render_parts.hpp"

#include "gateway/irc/stamps.hpp"
#include "lib/base/ids.hpp"
#include "lib/irc/format.hpp"

#include <algorithm>

namespace hamlet::irc {

std::string source_of(const chat::v1::Who& who) {
  std::string out;
  out.reserve(who.nick().size() + who.user().size() + who.host().size() + 2);
  out += who.nick();
  if (!who.user().empty()) {
    out += '!';
    out += who.user();
  }
  if (!who.host().empty()) {
    out += '@';
    out += who.host();
  }
  return out;
}

std::size_t size_without_tags(const message& x) {
  auto out = x.command.size() + (x.source.empty() ? 0 : x.source.size() + 2);
  for (auto& p : x.params)
    out += p.size() + 1;
  if (!x.params.empty()) {
    auto& last = x.params.back();
    auto needs_colon = x.colon || last.empty() || last[0] == ':' || last.find(' ') != last.npos;
    out += needs_colon ? 1 : 0;
  }
  return out;
}

std::string fitting_text(std::string_view text, std::size_t before) {
  auto room = line_room > before ? line_room - before : 0;
  if (text.size() <= room)
    return std::string{text};
  auto is_ended_ctcp = is_ctcp(text) && text.back() == '\1' && room > 1;
  std::string out{fitting(text, is_ended_ctcp ? room - 1 : room)};
  if (is_ended_ctcp)
    out += '\1';
  return out;
}

// -- event_lines --------------------------------------------------------------

message& event_lines::add(std::string source, std::string_view command,
                          std::vector<std::string> params, bool has_tags_of_source) {
  auto& out = lines_.emplace_back();
  out.source = std::move(source);
  out.command = command;
  out.params = std::move(params);
  if (has(cap::server_time) && event_.time_ms() != 0)
    out.set_tag("time", time_text(event_.time_ms()));
  if (!has_tags_of_source)
    return out;
  auto& from = event_.source();
  if (has(cap::account_tag) && !from.account().empty())
    out.set_tag("account", from.account());
  if (has(cap::message_tags) && from.is_bot()) // IRCv3 bot mode: never with a value
    out.set_tag("bot");
  return out;
}

message& event_lines::by_source(std::string_view command, std::vector<std::string> params) {
  auto is_first = lines_.empty();
  auto& out = add(source_of(event_.source()), command, std::move(params), true);
  if (out.source.empty())
    out.source = rules_.server_name;
  if (is_first && has(cap::message_tags) && event_.id() != 0)
    out.set_tag("msgid", id_text(event_.id()));
  return out;
}

message& event_lines::by_server(std::string_view command, std::vector<std::string> params) {
  return add(rules_.server_name, command, std::move(params), true);
}

message& event_lines::follows(std::string source, std::string_view command,
                              std::vector<std::string> params) {
  return add(source.empty() ? rules_.server_name : std::move(source), command, std::move(params),
             false);
}

message& event_lines::bare(std::string_view command, std::vector<std::string> params) {
  auto& out = lines_.emplace_back();
  out.source = source_of(event_.source());
  out.command = command;
  out.params = std::move(params);
  return out;
}

void event_lines::add_client_tags(message& to) const {
  if (!has(cap::message_tags))
    return;
  for (auto& x : event_.message().tags())
    if (x.key().starts_with('+'))
      to.set_tag(x.key(), x.value());
}

std::vector<message> event_lines::take() {
  for (auto& x : lines_) {
    auto size = size_without_tags(x);
    if (size <= line_room || x.params.empty())
      continue;
    auto& last = x.params.back();
    last = fitting_text(last, size - last.size());
  }
  return std::move(lines_);
}

} // namespace hamlet::irc
