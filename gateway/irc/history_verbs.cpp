// SPDX-License-Identifier: Apache-2.0
#include "gateway/irc/history_verbs.hpp"

#include "gateway/irc/channel_verbs.hpp"
#include "gateway/irc/history_replay.hpp"
#include "gateway/irc/metadata.hpp"
#include "gateway/irc/stamps.hpp"
#include "gateway/irc/verbs.hpp"
#include "lib/base/ids.hpp"
#include "lib/irc/format.hpp"
#include "lib/text/ascii.hpp"

#include <array>
#include <charconv>

namespace hamlet::irc {

namespace {

using chat::v1::GetHistory;

enum class bound_kind : std::uint8_t { good, bad, bad_type, unknown_id };

/// "timestamp=2026-01-02T03:04:05.678Z", "msgid=…", "*".
bound_kind read_bound(std::string_view text, chat::v1::Bound& to, bool may_be_any) {
  if (text == "*")
    return may_be_any ? bound_kind::good : bound_kind::bad;
  auto equals = text.find('=');
  if (equals == text.npos)
    return bound_kind::bad;
  auto kind = text.substr(0, equals), value = text.substr(equals + 1);
  to.set_is_set(true);
  if (kind == "timestamp") {
    auto ms = time_of(value);
    if (ms)
      to.set_time_ms(*ms);
    return ms ? bound_kind::good : bound_kind::bad;
  }
  if (kind != "msgid")
    return bound_kind::bad_type;
  auto id = id_of(value);
  if (id)
    to.set_event_id(*id);
  return id ? bound_kind::good : bound_kind::unknown_id; // one of another server
}

struct selector {
  std::string_view name;
  GetHistory::Selector what;
  int bounds;
  bool first_may_be_any;
};
constexpr std::array selectors{
  selector{"LATEST", GetHistory::LATEST, 1, true},
  selector{"BEFORE", GetHistory::BEFORE, 1, false},
  selector{"AFTER", GetHistory::AFTER, 1, false},
  selector{"AROUND", GetHistory::AROUND, 1, false},
  selector{"BETWEEN", GetHistory::BETWEEN, 2, false},
  selector{"TARGETS", GetHistory::TARGETS, 2, false},
};

std::optional<std::uint32_t> read_limit(machine& m, std::string_view text) {
  std::uint32_t n = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error != std::errc{} || end != text.data() + text.size() || text.empty())
    return std::nullopt;
  return std::min(n, static_cast<std::uint32_t>(m.history().per_request.value));
}

void show_targets(machine& m, const chat::v1::Reply& r) {
  m.begin_batch("draft/chathistory-targets", {});
  for (auto& x : r.conversations())
    m.say({.tags = {},
           .source = m.rules().server_name,
           .command = "CHATHISTORY",
           .params = {"TARGETS", x.name(), time_text(x.latest_ms())}});
  m.end_batch();
}

std::string shortened(std::string_view text) {
  return std::string{fitting(text, 64)};
}

void say_no_messages(machine& m, const std::string& command, const std::string& target,
                     std::string_view code = "MESSAGE_ERROR") {
  m.fail("CHATHISTORY", code, {command, target}, "Messages could not be retrieved");
}

/// False: one of the places in the history is none; why was said.
bool read_bounds(machine& m, const message& x, const selector& how, std::size_t at,
                 const std::string& target, GetHistory& get) {
  std::string command{how.name};
  for (int i = 0; i < how.bounds; ++i, ++at) {
    auto& bound = i == 0 ? *get.mutable_first() : *get.mutable_second();
    auto kind = read_bound(x.params[at], bound, how.first_may_be_any);
    if (how.what == GetHistory::TARGETS && x.params[at].starts_with("msgid="))
      kind = bound_kind::bad;
    switch (kind) {
    case bound_kind::good: break;
    case bound_kind::unknown_id: return say_no_messages(m, command, target), false;
    case bound_kind::bad_type:
      return say_no_messages(m, command, target, "INVALID_MSGREFTYPE"), false;
    case bound_kind::bad:
      m.fail("CHATHISTORY", "INVALID_PARAMS", {command, shortened(x.params[at])},
             "Not a place in the history");
      return false;
    }
  }
  return true;
}

/// draft/chathistory.
void verb_chathistory(machine& m, const message& x) {
  auto name = ascii::raised(x.params[0]);
  auto* how = std::ranges::find(selectors, name, &selector::name);
  if (how == selectors.end())
    return m.fail("CHATHISTORY", "INVALID_PARAMS", {shortened(x.params[0])}, "Unknown subcommand");
  bool is_targets = how->what == GetHistory::TARGETS;
  std::size_t first = is_targets ? 1 : 2;
  auto last = first + static_cast<std::size_t>(how->bounds);
  if (x.params.size() != last + 1)
    return m.fail("CHATHISTORY", "INVALID_PARAMS", {name},
                  x.params.size() <= last ? "Insufficient parameters" : "Too many parameters");
  auto target = is_targets ? std::string{} : x.params[1];
  auto wish = m.request(is_channel_name(target) ? target : std::string{});
  auto& get = *wish.mutable_get_history();
  get.set_selector(how->what);
  if (!is_channel_name(target))
    get.set_nick(target);
  get.set_messages_only(!m.has(cap::event_playback));
  if (!read_bounds(m, x, *how, first, is_targets ? "*" : target, get))
    return;
  auto limit = read_limit(m, x.params[last]);
  if (!limit)
    return m.fail("CHATHISTORY", "INVALID_PARAMS", {name, shortened(x.params[last])},
                  "The limit is a number");
  get.set_limit(*limit);
  m.ask(std::move(wish), [name, target, is_targets](machine& me, const chat::v1::Reply& r) {
    auto shown = is_targets ? "*" : r.channel().empty() ? target : r.channel();
    switch (r.refusal()) {
    case chat::v1::NONE: return is_targets ? show_targets(me, r) : show_history(me, shown, r);
    case chat::v1::NO_SUCH_MESSAGE:
    case chat::v1::FAILED: return say_no_messages(me, name, shown);
    default: return say_no_messages(me, name, shown, "INVALID_TARGET");
    }
  });
}

void say_marker(machine& m, const std::string& target, std::int64_t ms) {
  m.say({.tags = {},
         .source = m.rules().server_name,
         .command = "MARKREAD",
         .params = {target, ms == 0 ? "*" : "timestamp=" + time_text(ms)}});
}

/// draft/read-marker.
void verb_markread(machine& m, const message& x) {
  if (x.params.empty() || x.params[0].empty())
    return m.fail("MARKREAD", "NEED_MORE_PARAMS", {}, "Missing parameters");
  auto target = x.params[0];
  if (m.me().account_id() == 0)
    return m.fail("MARKREAD", "ACCOUNT_REQUIRED", {target}, "You must be logged in");
  auto wish = m.request();
  if (x.params.size() == 1) {
    wish.mutable_get_marker()->set_target(target);
  } else {
    auto text = std::string_view{x.params[1]};
    auto ms = text.starts_with("timestamp=") ? time_of(text.substr(10)) : std::nullopt;
    if (!ms)
      return m.fail("MARKREAD", "INVALID_PARAMS", {target, shortened(text)}, "Not a time");
    wish.mutable_set_marker()->set_target(target);
    wish.mutable_set_marker()->set_time_ms(*ms);
  }
  m.ask(std::move(wish), [target](machine& me, const chat::v1::Reply& r) {
    if (r.refusal() == chat::v1::FAILED)
      return me.fail("MARKREAD", "INTERNAL_ERROR", {target}, "That does not work now");
    if (r.refusal() != chat::v1::NONE)
      return me.fail("MARKREAD", "INVALID_PARAMS", {target}, "There is no such target");
    say_marker(me, target, r.marker_ms());
  });
}

/// SEARCH <target> <words> [limit]: one's own history, the newest that fit.
void verb_search(machine& m, const message& x) {
  auto target = x.params[0];
  auto limit = x.params.size() > 2 ? read_limit(m, x.params[2]) : 50;
  if (!limit)
    return m.fail("SEARCH", "INVALID_PARAMS", {shortened(x.params[2])}, "The limit is a number");
  bool everywhere = target == "*";
  auto wish = m.request(is_channel_name(target) ? target : std::string{});
  auto& search = *wish.mutable_search_history();
  search.set_words(x.params[1]);
  search.set_nick(is_channel_name(target) || everywhere ? "" : target);
  search.set_limit(*limit);
  m.ask(std::move(wish), [target](machine& me, const chat::v1::Reply& r) {
    if (r.refusal() != chat::v1::NONE)
      return me.fail("SEARCH", "INVALID_TARGET", {target}, "There is nothing to search");
    show_events(me, "hamlet.chat/search", {target}, r);
  });
}

void say_status(machine& m, const chat::v1::Reply& r) {
  std::string wanted = "DEFAULT", effective = "OFF";
  for (auto& said : r.options()) {
    if (said.name() == "persistence")
      wanted = ascii::raised(said.value());
    if (said.name() == "effective")
      effective = ascii::raised(said.value());
  }
  m.say({.tags = {},
         .source = m.rules().server_name,
         .command = "PERSISTENCE",
         .params = {"STATUS", wanted, effective}});
}

/// draft/persistence: GET, SET on|off|default.
void verb_persistence(machine& m, const message& x) {
  if (m.me().account_id() == 0)
    return m.fail("PERSISTENCE", "ACCOUNT_REQUIRED", {}, "You must be logged in");
  auto what = ascii::raised(x.params[0]);
  auto wish = m.request();
  auto& option = *wish.mutable_set_option();
  option.set_name("persistence");
  if (what == "SET" && x.params.size() > 1)
    option.set_value(ascii::lowered(x.params[1]));
  else if (what != "GET")
    return m.fail("PERSISTENCE", "INVALID_PARAMS", {shortened(x.params[0])},
                  "GET, or SET with ON, OFF or DEFAULT");
  m.ask(std::move(wish), [](machine& me, const chat::v1::Reply& r) {
    if (r.refusal() != chat::v1::NONE)
      return me.fail("PERSISTENCE", "INVALID_PARAMS", {}, "That cannot be set");
    say_status(me, r);
  });
}

constexpr std::array table{
  verb{"CHATHISTORY", verb_chathistory, 1, phase::after,
       "CHATHISTORY <subcommand> <target> <place> [<place>] <limit>"},
  verb{"MARKREAD", verb_markread, 0, phase::after, "MARKREAD <target> [timestamp=<time>]"},
  verb{"METADATA", verb_metadata, 2, phase::always, "METADATA <target> <subcommand> [<key> …]"},
  verb{"SEARCH", verb_search, 2, phase::after, "SEARCH <target|*> :<words>: in your history"},
  verb{"PERSISTENCE", verb_persistence, 1, phase::after, "PERSISTENCE GET|SET <on|off|default>"},
};

} // namespace

std::span<const verb> history_verbs() {
  return table;
}

void show_persistence(machine& m, std::function<void(machine&)> next) {
  if (m.me().account_id() == 0 || !m.has(cap::persistence))
    return next(m);
  auto wish = m.request();
  wish.mutable_set_option()->set_name("persistence");
  m.ask(std::move(wish), [next = std::move(next)](machine& me, const chat::v1::Reply& r) {
    if (r.refusal() == chat::v1::NONE)
      say_status(me, r);
    next(me);
  });
}

void show_events(machine& m, std::string_view batch, std::vector<std::string> params,
                 const chat::v1::Reply& found) {
  m.begin_batch(batch, std::move(params));
  viewer self;
  self.caps = m.usable_caps();
  self.is_history = true;
  for (auto& x : found.events())
    for (auto& line : lines_of(x, self, m.rules()))
      m.say(line);
  m.end_batch();
}

void show_history(machine& m, const std::string& target, const chat::v1::Reply& found) {
  show_events(m, "chathistory", {target}, found);
}

bool replays_history(const machine& m) {
  return m.history().is_on.value && m.history().on_join.value > 0 && !m.has(cap::chathistory);
}

void replay_history(machine& m, const std::string& channel, std::function<void(machine&)> next) {
  auto wish = m.request(channel);
  auto& get = *wish.mutable_get_history();
  get.set_selector(GetHistory::LATEST);
  get.set_limit(static_cast<std::uint32_t>(m.history().on_join.value));
  get.set_messages_only(true);
  m.ask(std::move(wish), [channel, next](machine& me, const chat::v1::Reply& r) {
    if (r.refusal() == chat::v1::NONE && r.events_size() > 0)
      show_history(me, channel, r);
    next(me);
  });
}

void show_marker(machine& m, const std::string& target, std::function<void(machine&)> next) {
  if (!m.has(cap::read_marker))
    return next(m);
  if (m.me().account_id() == 0) { // nothing is kept of who has no account
    say_marker(m, target, 0);
    return next(m);
  }
  auto wish = m.request();
  wish.mutable_get_marker()->set_target(target);
  m.ask(std::move(wish), [target, next](machine& me, const chat::v1::Reply& r) {
    say_marker(me, target, r.marker_ms());
    next(me);
  });
}

} // namespace hamlet::irc
