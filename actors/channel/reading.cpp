// SPDX-License-Identifier: Apache-2.0
#include "actors/channel/channel_shard.hpp"
#include "actors/chat/history.hpp"
#include "actors/resume.hpp"
#include "lib/irc/casemap.hpp"

#include <algorithm>

// Questions about what was said: draft/chathistory, SEARCH, draft/message-redaction. Each waits
// until all that was said before is in the store.

using namespace std::chrono_literals;

namespace hamlet {

using namespace chat::v1;
using rows = std::vector<sql::chat_event>;

namespace {

constexpr auto store_timeout = 25s;

} // namespace

/// By way of FANOUT, as every answer that is no refusal.
void channel_shard_state::answer_late(asked& a, Reply reply) {
  if (!a.to.pending())
    return;
  if (reply.refusal() != NONE) {
    a.to.deliver(std::move(reply));
    return;
  }
  Publish news;
  *news.mutable_reply() = std::move(reply);
  a.to.delegate(parts->owners().fanout(), std::move(news));
}

void channel_shard_state::get_history(room& r, asked a) {
  auto rules = parts->rules->get();
  auto x = turn_of(a, *rules);
  auto from = r.open->readable_from(x);
  if (!from)
    return answer(a, x);
  auto& ask = a.what.get_history();
  if (ask.limit() == 0 || ask.limit() > rules->history_per_request)
    a.what.mutable_get_history()->set_limit(static_cast<std::uint32_t>(rules->history_per_request));
  a.what.set_channel(r.open->name());
  history->when_written([this, a = std::move(a), target = r.open->target(), from = *from] {
    if (a.what.get_history().selector() == GetHistory::TARGETS)
      find_conversation(a, target, from);
    else
      read_history(a, target, from, false);
  });
}

/// @param again The question named a place that the asker may not see, and begins at the first
/// that it may.
void channel_shard_state::read_history(asked a, std::string target, std::int64_t from_ms,
                                       bool again) {
  auto what = a.what.get_history();
  using selector = GetHistory;
  auto bound = [&](Bound& b) {
    if (b.event_id() == 0 && b.time_ms() < from_ms)
      b.set_time_ms(from_ms - 1);
  };
  auto forward = what.selector() == selector::AFTER || what.selector() == selector::BETWEEN;
  if (again) {
    what.set_selector(selector::AFTER);
    what.mutable_first()->Clear();
    what.mutable_first()->set_time_ms(from_ms - 1);
    what.mutable_first()->set_is_set(true);
  } else if (from_ms != 0 && forward) {
    bound(*what.mutable_first());
    if (what.selector() == selector::BETWEEN)
      bound(*what.mutable_second());
  }
  auto then = [this, a, target, from_ms, again, forward](result<rows> found) mutable {
    Reply reply;
    reply.set_channel(a.what.channel());
    if (!found) {
      reply.set_refusal(refusal_of(found.error().code));
      return answer_late(a, std::move(reply));
    }
    auto size = found->size();
    std::erase_if(*found, [&](auto& row) { return row.time_ms < from_ms; });
    auto is_after = a.what.get_history().selector() == selector::AFTER;
    if (found->empty() && size != 0 && forward && is_after && !again)
      return read_history(std::move(a), std::move(target), from_ms, true);
    put_events(reply, *found);
    for (auto& e : *reply.mutable_events())
      e.set_channel(a.what.channel()); // it may have been called otherwise
    answer_late(a, std::move(reply));
  };
  auto at_most = parts->rules->get()->history_per_request;
  find_history(history->store(), what, std::move(target), at_most,
               resume<rows>(self, limits, store_timeout, std::move(then)));
}

/// CHATHISTORY TARGETS: is this channel one of those, and when was the latest?
void channel_shard_state::find_conversation(asked a, std::string target, std::int64_t from_ms) {
  auto then = [this, a, from_ms](result<rows> found) mutable {
    Reply reply;
    reply.set_channel(a.what.channel());
    if (!found)
      reply.set_refusal(refusal_of(found.error().code));
    else if (!found->empty()) {
      auto& ask = a.what.get_history();
      auto low = std::min(ask.first().time_ms(), ask.second().time_ms());
      auto high = std::max(ask.first().time_ms(), ask.second().time_ms());
      auto latest = found->back().time_ms;
      if (latest >= from_ms && latest > low && latest < high) {
        auto* c = reply.add_conversations();
        c->set_name(a.what.channel());
        c->set_latest_ms(latest);
      }
    }
    answer_late(a, std::move(reply));
  };
  history->store().latest(std::move(target), std::nullopt, 1, sql::history_view::messages,
                          resume<rows>(self, limits, store_timeout, std::move(then)));
}

void channel_shard_state::search_history(room& r, asked a) {
  auto rules = parts->rules->get();
  auto x = turn_of(a, *rules);
  auto from = r.open->readable_from(x);
  if (!from)
    return answer(a, x);
  a.what.set_channel(r.open->name());
  auto what = to_search(a.what.search_history(), {r.open->target()}, rules->history_per_request);
  auto then = [this, a = std::move(a), from = *from](result<sql::history_found> found) mutable {
    Reply reply;
    reply.set_channel(a.what.channel());
    if (!found) {
      reply.set_refusal(refusal_of(found.error().code));
      return answer_late(a, std::move(reply));
    }
    auto& nick = a.what.search_history().nick();
    std::erase_if(found->events, [&](auto& row) {
      auto by = std::string_view{row.sender}.substr(0, row.sender.find('!'));
      return row.time_ms < from || (!nick.empty() && !irc::same_name(by, nick));
    });
    put_events(reply, found->events);
    answer_late(a, std::move(reply));
  };
  history->when_written([this, what = std::move(what), then = std::move(then)] {
    history->store().search(
      what, resume<sql::history_found>(self, limits, store_timeout, std::move(then)));
  });
}

/// draft/message-redaction: first look whose it is, then take it back, then say so.
void channel_shard_state::redact(const std::string& folded, room& r, asked a) {
  r.is_busy = true;
  auto refuse_it = [this, folded](asked& who, channel_turn& x) {
    rooms.at(folded).is_busy = false;
    answer(who, x);
    settle(folded);
  };
  auto event_id = a.what.redact().event_id();
  auto taken_back = [this, folded, a, refuse_it](result<sql::chat_event> done) mutable {
    auto rules = parts->rules->get();
    auto x = turn_of(a, *rules);
    auto& now = rooms.at(folded);
    if (!done) {
      x.refuse(refusal_of(done.error().code));
      return refuse_it(a, x);
    }
    now.is_busy = false;
    now.open->announce_redaction(x);
    finish(now, a, x);
    settle(folded);
  };
  auto found = [this, folded, a, event_id, refuse_it,
                taken_back](result<sql::chat_event> row) mutable {
    auto rules = parts->rules->get();
    auto x = turn_of(a, *rules);
    auto& c = *rooms.at(folded).open;
    x.reply.set_channel(c.name());
    auto is_here = row && row->target == c.target() && !row->redacted
                   && (sql::is_message(row->kind) || row->kind == sql::event_kind::tagmsg);
    if (!is_here) {
      x.refuse(row || row.error().code == errc::not_found ? NO_SUCH_MESSAGE : FAILED);
      return refuse_it(a, x);
    }
    auto& who = a.what.who();
    auto is_author = (who.account_id() != 0 && row->sender_account == who.account_id())
                     || c.has_said(a.what.session_id(), event_id);
    if (!c.may_redact(x, is_author, row->time_ms))
      return refuse_it(a, x);
    history->store().redact(event_id, {who.nick(), a.what.redact().reason(), a.what.now_ms()},
                            resume<sql::chat_event>(self, limits, store_timeout, taken_back));
  };
  history->when_written([this, event_id, found = std::move(found)] {
    history->store().find(event_id, resume<sql::chat_event>(self, limits, store_timeout, found));
  });
}

} // namespace hamlet
