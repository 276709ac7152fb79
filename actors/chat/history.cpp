// SPDX-License-Identifier: Apache-2.0
#include "actors/chat/history.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace hamlet {

using chat::v1::Event;
using chat::v1::GetHistory;
using sql::event_kind;

namespace {

event_kind kind_of(const Event& x) {
  switch (x.kind_case()) {
  case Event::kMessage:
    switch (x.message().kind()) {
    case chat::v1::NOTICE: return event_kind::notice;
    case chat::v1::TAGMSG: return event_kind::tagmsg;
    default: return event_kind::message;
    }
  case Event::kJoined: return event_kind::join;
  case Event::kParted: return event_kind::part;
  case Event::kQuit: return event_kind::quit;
  case Event::kNick: return event_kind::nick;
  case Event::kTopic: return event_kind::topic;
  case Event::kModes: return event_kind::mode;
  case Event::kKicked: return event_kind::kick;
  case Event::kInvited: return event_kind::invite;
  case Event::kRedacted: return event_kind::redact;
  case Event::kRenamed: return event_kind::rename;
  default: return event_kind::other;
  }
}

std::string text_of(const Event& x) {
  switch (x.kind_case()) {
  case Event::kMessage: return x.message().text();
  case Event::kTopic: return x.topic().text();
  case Event::kParted: return x.parted().reason();
  case Event::kQuit: return x.quit().reason();
  case Event::kKicked: return x.kicked().reason();
  default: return {};
  }
}

std::string mask_of(const chat::v1::Who& x) {
  if (x.user().empty() && x.host().empty())
    return x.nick(); // the server, or a service
  return x.nick() + "!" + x.user() + "@" + x.host();
}

chat::v1::Who who_of(const std::string& mask) {
  chat::v1::Who x;
  auto bang = mask.find('!');
  auto at = mask.rfind('@');
  x.set_nick(mask.substr(0, bang));
  if (bang != mask.npos && at != mask.npos && bang < at) {
    x.set_user(mask.substr(bang + 1, at - bang - 1));
    x.set_host(mask.substr(at + 1));
  }
  return x;
}

// What is nobody's business later.
void strip(chat::v1::Who& x) {
  x.clear_session_id();
  x.clear_address();
  x.clear_former_hosts();
  x.clear_certificate();
  x.clear_operator_class();
  x.clear_user_modes();
  x.clear_is_deaf();
  x.clear_is_secure();
  x.clear_is_away();
}

sql::history_bound bound_of(const chat::v1::Bound& x) {
  return x.event_id() != 0 ? sql::history_bound::event(x.event_id())
                           : sql::history_bound::at(x.time_ms());
}

bool is_typing(const chat::v1::Message& x) {
  return x.kind() == chat::v1::TAGMSG && std::ranges::all_of(x.tags(), [](const auto& tag) {
           return tag.key() == "+typing" || tag.key() == "+draft/typing";
         });
}

} // namespace

bool is_kept(const Event& x) {
  if (!x.only_status().empty() || !x.to_operators().empty() || x.id() == 0)
    return false;
  switch (x.kind_case()) {
  case Event::kMessage: return x.message().to_status().empty() && !is_typing(x.message());
  case Event::kJoined:
  case Event::kKicked:
  case Event::kQuit:
  case Event::kNick:
  case Event::kTopic:
  case Event::kModes:
  case Event::kRenamed: return true;
  case Event::kParted: return !x.parted().silent();
  default: return false;
  }
}

sql::chat_event to_row(const Event& x, std::string target) {
  sql::chat_event row;
  row.target = std::move(target);
  row.time_ms = x.time_ms();
  row.event_id = x.id();
  row.kind = kind_of(x);
  row.sender_account = x.source().account_id();
  row.sender = mask_of(x.source());
  row.text = text_of(x);
  Event kept{x};
  kept.clear_origin();
  kept.clear_sessions();
  strip(*kept.mutable_source());
  if (kept.has_kicked())
    strip(*kept.mutable_kicked()->mutable_target());
  if (kept.has_modes())
    for (auto& change : *kept.mutable_modes()->mutable_changes())
      change.clear_session_id();
  row.event = kept.SerializeAsString();
  return row;
}

Event to_event(const sql::chat_event& row) {
  Event x;
  if (row.redacted) {
    *x.mutable_source() = who_of(row.sender);
    x.mutable_source()->set_account_id(row.sender_account);
    x.mutable_message()->set_kind(row.kind == event_kind::notice   ? chat::v1::NOTICE
                                  : row.kind == event_kind::tagmsg ? chat::v1::TAGMSG
                                                                   : chat::v1::PRIVMSG);
    x.set_is_redacted(true);
  } else if (!x.ParseFromString(row.event)) {
    x.Clear();
    *x.mutable_source() = who_of(row.sender);
    x.mutable_message()->set_text(row.text);
  }
  x.set_id(row.event_id);
  x.set_time_ms(row.time_ms);
  return x;
}

void put_events(chat::v1::Reply& into, const std::vector<sql::chat_event>& rows) {
  for (auto& row : rows)
    *into.add_events() = to_event(row);
}

void find_history(sql::history_repository store, const GetHistory& what, std::string target,
                  std::size_t at_most, sql::completion<std::vector<sql::chat_event>> done) {
  auto limit = std::min<std::size_t>(what.limit() == 0 ? at_most : what.limit(), at_most);
  auto view = what.messages_only() ? sql::history_view::messages : sql::history_view::all;
  auto first = bound_of(what.first());
  switch (what.selector()) {
  case GetHistory::LATEST: {
    std::optional<sql::history_bound> since;
    if (what.first().is_set())
      since = first;
    return store.latest(std::move(target), since, limit, view, std::move(done));
  }
  case GetHistory::BEFORE:
    return store.before(std::move(target), first, limit, view, std::move(done));
  case GetHistory::AFTER:
    return store.after(std::move(target), first, limit, view, std::move(done));
  case GetHistory::BETWEEN:
    return store.between(std::move(target), first, bound_of(what.second()), limit, view,
                         std::move(done));
  case GetHistory::AROUND:
    return store.around(std::move(target), first, limit, view, std::move(done));
  default: done(fail(errc::bad_request, "history of no conversation"));
  }
}

sql::history_search to_search(const chat::v1::SearchHistory& what, std::vector<std::string> targets,
                              std::size_t at_most) {
  sql::history_search search;
  search.targets = std::move(targets);
  std::string_view rest = what.words();
  while (!rest.empty()) {
    auto word = rest.substr(0, rest.find(' '));
    if (!word.empty())
      search.words.emplace_back(word);
    rest.remove_prefix(std::min(rest.size(), word.size() + 1));
  }
  // Exclusive; of one millisecond none is left out when the id is the lowest.
  if (what.before_ms() != 0)
    search.before = sql::history_place{what.before_ms(), 0};
  search.limit = std::min<std::size_t>(what.limit() == 0 ? at_most : what.limit(), at_most);
  return search;
}

chat::v1::Refusal refusal_of(errc code) {
  switch (code) {
  case errc::not_found: return chat::v1::NO_SUCH_MESSAGE;
  case errc::already_exists: return chat::v1::NO_SUCH_MESSAGE;
  case errc::bad_request: return chat::v1::BAD_REQUEST;
  case errc::over_quota: return chat::v1::LIMIT_REACHED;
  default: return chat::v1::FAILED;
  }
}

} // namespace hamlet
