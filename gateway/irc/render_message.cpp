// SPDX-License-Identifier: Apache-2.0
#include "gateway/irc/render_parts.hpp"
#include "gateway/irc/stamps.hpp"
#include "lib/base/ids.hpp"
#include "lib/irc/format.hpp"

#include <algorithm>

namespace hamlet::irc {

using chat::v1::Event;

namespace {

std::string_view command_of(const chat::v1::Message& x) {
  switch (x.kind()) {
  case chat::v1::NOTICE: return "NOTICE";
  case chat::v1::TAGMSG: return "TAGMSG";
  default: return "PRIVMSG";
  }
}

struct text_line {
  std::string text;
  bool joins_previous; ///< draft/multiline-concat
};

std::vector<text_line> text_lines(const chat::v1::Message& x) {
  std::vector<text_line> out;
  std::string_view rest = x.text();
  while (true) {
    auto end = std::min(rest.find('\n'), rest.size());
    auto i = static_cast<int>(out.size());
    out.push_back(
      {std::string{rest.substr(0, end)}, i < x.joins_previous_size() && x.joins_previous(i)});
    if (end == rest.size())
      return out;
    rest.remove_prefix(end + 1);
  }
}

bool is_multiline(const chat::v1::Message& x) {
  return x.text().find('\n') != std::string::npos;
}

/// IRCv3 draft/multiline, Batch types.
void add_batch(event_lines& to, const Event& e) {
  auto& x = e.message();
  auto ref = "m" + id_text(e.id());
  auto target = message_target(e);
  to.add_client_tags(to.by_source("BATCH", {"+" + ref, "draft/multiline", target}));
  for (auto& line : text_lines(x)) {
    auto& out = to.bare(command_of(x), {target, line.text});
    out.colon = true;
    out.set_tag("batch", ref);
    if (line.joins_previous)
      out.set_tag("draft/multiline-concat");
  }
  to.bare("BATCH", {"-" + ref});
}

/// IRCv3 draft/multiline, Fallback: the lines as they were sent, none of them blank; the message id
/// and what the client has tagged only on the first.
void add_fallback(event_lines& to, const Event& e) {
  auto is_first = true;
  for (auto& line : text_lines(e.message())) {
    if (line.text.empty())
      continue;
    auto& out = to.by_source(command_of(e.message()), {message_target(e), line.text});
    out.colon = true;
    if (std::exchange(is_first, false))
      to.add_client_tags(out);
  }
}

// -- the fast path ------------------------------------------------------------

bool is_plain_word(std::string_view x) {
  return !x.empty() && x[0] != ':' && std::ranges::none_of(x, [](char c) {
    return c == ' ' || c == '\r' || c == '\n' || !c;
  });
}

bool is_plain_value(std::string_view x) {
  constexpr std::string_view escaped{"; \\\r\n\0", 6};
  return x.find_first_of(escaped) == x.npos;
}

bool is_plain_text(std::string_view x) {
  constexpr std::string_view breakers{"\r\n\0", 3};
  return x.find_first_of(breakers) == x.npos;
}

class line_maker {
public:
  explicit line_maker(std::size_t room) { out_.reserve(room); }

  void add_tag(std::string_view key, std::string_view value = {}) {
    out_ += out_.empty() ? '@' : ';';
    out_ += key;
    if (value.empty())
      return;
    out_ += '=';
    out_ += value;
  }
  void end_tags() {
    if (!out_.empty())
      out_ += ' ';
  }
  line_maker& operator<<(std::string_view x) {
    out_ += x;
    return *this;
  }
  std::string take() { return std::move(out_); }

private:
  std::string out_;
};

} // namespace

std::string message_target(const Event& e) {
  if (e.channel().empty())
    return e.target();
  return e.message().to_status() + e.channel(); // STATUSMSG
}

void add_message(event_lines& to, const Event& e, const viewer& who) {
  auto& x = e.message();
  if (x.kind() == chat::v1::TAGMSG) {
    if (to.has(cap::message_tags)) // IRCv3 message-tags: MUST NOT be delivered without
      to.add_client_tags(to.by_source("TAGMSG", {message_target(e)}));
    return;
  }
  if (is_multiline(x)) {
    if (who.caps.has_all({cap::batch, cap::multiline}))
      return add_batch(to, e);
    return add_fallback(to, e);
  }
  auto& line = to.by_source(command_of(x), {message_target(e), x.text()});
  line.colon = true;
  to.add_client_tags(line);
}

std::optional<std::string> plain_bytes(const Event& e, const viewer& who, std::string_view tag) {
  auto& x = e.message();
  auto& from = e.source();
  auto& name = e.channel().empty() ? e.target() : e.channel();
  if (who.wire != framing::lines || who.is_history || x.kind() == chat::v1::TAGMSG
      || !is_plain_word(from.nick()) || !is_plain_word(from.user()) || !is_plain_word(from.host())
      || !is_plain_word(name) || !is_plain_text(x.text()) || x.tags_size() > 0
      || !is_plain_value(from.account()) || tag.find_first_of(" ;\r\n") != tag.npos)
    return std::nullopt;
  auto command = command_of(x);
  auto rest = from.nick().size() + from.user().size() + from.host().size() + command.size()
              + x.to_status().size() + name.size() + std::string_view{":!@   :"}.size();
  if (rest + x.text().size() > line_room)
    return std::nullopt;
  constexpr std::size_t room_for_tags = 96; // time, msgid, bot, their names
  line_maker out{rest + x.text().size() + tag.size() + from.account().size() + room_for_tags};
  if (!tag.empty())
    out.add_tag(tag);
  if (who.caps.has(cap::server_time) && e.time_ms() != 0)
    out.add_tag("time", time_text(e.time_ms()));
  if (who.caps.has(cap::account_tag) && !from.account().empty())
    out.add_tag("account", from.account());
  if (who.caps.has(cap::message_tags)) {
    if (from.is_bot())
      out.add_tag("bot");
    if (e.id() != 0)
      out.add_tag("msgid", id_text(e.id()));
  }
  out.end_tags();
  out << ":" << from.nick() << "!" << from.user() << "@" << from.host() << " " << command << " "
      << x.to_status() << name << " :" << x.text() << "\r\n";
  return out.take();
}

} // namespace hamlet::irc
