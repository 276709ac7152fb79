// SPDX-License-Identifier: Apache-2.0
#include "actors/chat/history.hpp"
#include "actors/resume.hpp"
#include "actors/session/list_job.hpp"
#include "actors/session/session.hpp"
#include "storage/chat/keys.hpp"

#include <algorithm>
#include <limits>

using namespace std::chrono_literals;

namespace hamlet {

using chat::v1::GetHistory;
using rows = std::vector<sql::chat_event>;

namespace {

constexpr auto patience = 20s;
constexpr std::size_t conversations_at_most = 200; // that a search looks into

} // namespace

// -- the parts ------------------------------------------------------------------------------------

session_state::answered session_state::settle() {
  auto promise = self->make_response_promise<Reply>();
  writer->when_written([promise]() mutable { give(promise, Reply{}); });
  return promise;
}

/// 0: it has none, or nobody knows.
void session_state::find_account(const std::string& nick, std::int64_t asker, with_account then) {
  if (nick.empty())
    return then(0);
  if (auto x = parts->people->find_packed(nick))
    return then(x->account_id());
  ask_nick_owner(self, limits, patience, *parts->owners, parts->find_owner, nick, asker,
                 [then](const result<nick_owner>& x) { then(x ? x->account_id : 0); });
}

// What somebody says is stored by the SESSION that hears it: one's own messages are on their way
// from there.
void session_state::when_stored(std::int64_t other_account, std::function<void()> then) {
  auto own = [this, then] { writer->when_written(then); };
  auto there = parts->people->of_account(other_account);
  std::erase_if(there, [&](const packed_ref& x) { return is_lost(x->session_id()); });
  if (there.empty())
    return own();
  auto left = std::make_shared<std::size_t>(there.size());
  auto next = [left, own] {
    if (--*left == 0)
      own();
  };
  for (auto& x : there) {
    Request ask;
    ask.set_session_id(x->session_id());
    ask.mutable_settle();
    hamlet::request<Reply>(
      self, limits, patience, parts->owners->session_of(x->session_id()), std::move(ask),
      [next](const Reply&) { next(); }, [next](const caf::error&) { next(); });
  }
}

// -- CHATHISTORY ----------------------------------------------------------------------------------

session_state::answered session_state::get_history(Request& x, user& u) {
  auto account = u.card->account_id();
  auto is_list = x.get_history().selector() == GetHistory::TARGETS;
  if (account == 0 && !is_list)
    return refusal(chat::v1::NEEDS_ACCOUNT);
  auto promise = self->make_response_promise<Reply>();
  if (is_list) {
    auto job = std::make_shared<list_job>();
    job->channels.assign(u.channels.rbegin(), u.channels.rend());
    job->request = std::move(x);
    job->promise = promise;
    list_targets(std::move(job));
    return promise;
  }
  auto nick = x.get_history().nick().empty() ? x.channel() : x.get_history().nick();
  find_account(nick, account,
               [this, promise, account, what = x.get_history()](std::int64_t other) mutable {
                 if (other == 0)
                   return publish(promise, {}, Reply{}); // nothing is kept of who has no account
                 when_stored(other, [this, promise, account, other, what] {
                   auto then = [this, promise](const result<rows>& found) {
                     Reply reply;
                     if (found)
                       put_events(reply, *found);
                     else
                       reply.set_refusal(refusal_of(found.error().code));
                     publish(promise, {}, std::move(reply));
                   };
                   find_history(parts->history, what, sql::direct_target(account, other),
                                rules()->history_per_request,
                                resume<rows>(self, limits, patience, std::move(then)));
                 });
               });
  return promise;
}

/// TARGETS: each of its channels is asked for its latest message, then the store for direct ones.
void session_state::list_targets(std::shared_ptr<list_job> job) {
  auto& what = job->request.get_history();
  auto* u = find(job->request.session_id());
  if (!u)
    return give(job->promise, refusal(chat::v1::NO_SUCH_SESSION));
  if (!job->channels.empty()) {
    Request ask;
    ask.set_channel(std::move(job->channels.back()));
    job->channels.pop_back();
    ask.set_now_ms(job->request.now_ms());
    ask.mutable_get_history()->set_selector(GetHistory::LATEST);
    ask.mutable_get_history()->set_limit(1);
    ask.mutable_get_history()->set_messages_only(true);
    auto channel = ask.channel();
    return ask_channel(*u, std::move(ask), [this, job, channel](const Reply& x) {
      if (x.events_size() > 0) {
        auto& found = job->found.emplace_back();
        found.set_name(channel);
        found.set_latest_ms(x.events(x.events_size() - 1).time_ms());
      }
      list_targets(job);
    });
  }
  if (u->card->account_id() == 0)
    return finish_targets(job);
  writer->when_written([this, job, account = u->card->account_id(), what] {
    auto then = [this, job](result<std::vector<sql::history_target>> found) {
      if (!found)
        return publish(job->promise, {}, refusal(refusal_of(found.error().code)));
      job->targets = std::move(*found);
      name_next_target(job);
    };
    parts->history.targets(
      account, {}, what.first().time_ms(), what.second().time_ms(),
      std::min<std::size_t>(std::max<std::size_t>(what.limit(), 1), rules()->history_per_request),
      resume<std::vector<sql::history_target>>(self, limits, patience, std::move(then)));
  });
}

/// A conversation is called as the other one is called, or was when the latest was said.
void session_state::name_next_target(std::shared_ptr<list_job> job) {
  auto* u = find(job->request.session_id());
  if (!u || job->targets.empty())
    return finish_targets(job);
  auto target = std::move(job->targets.back());
  job->targets.pop_back();
  auto then = [this, job, target, mine = u->card->account_id()](const result<rows>& found) {
    if (found && !found->empty()) {
      auto event = to_event(found->back());
      auto& said = job->found.emplace_back();
      said.set_name(event.source().account_id() == mine && !event.target().empty()
                      ? event.target()
                      : event.source().nick());
      said.set_latest_ms(target.time_ms);
    }
    name_next_target(job);
  };
  parts->history.latest(target.target, std::nullopt, 1, sql::history_view::messages,
                        resume<rows>(self, limits, patience, std::move(then)));
}

void session_state::finish_targets(const std::shared_ptr<list_job>& job) {
  auto& what = job->request.get_history();
  auto [from, to] = std::minmax(what.first().time_ms(), what.second().time_ms());
  std::erase_if(job->found, [from = from, to = to](const chat::v1::Conversation& x) {
    return x.latest_ms() <= from || x.latest_ms() >= to;
  });
  std::ranges::sort(job->found, {}, &chat::v1::Conversation::latest_ms);
  auto limit = what.limit() == 0 ? rules()->history_per_request : std::size_t{what.limit()};
  if (job->found.size() > limit) { // counted from the first bound
    auto extra = static_cast<std::ptrdiff_t>(job->found.size() - limit);
    if (what.first().time_ms() <= what.second().time_ms())
      job->found.erase(job->found.end() - extra, job->found.end());
    else
      job->found.erase(job->found.begin(), job->found.begin() + extra);
  }
  Reply reply;
  for (auto& x : job->found)
    *reply.add_conversations() = std::move(x);
  publish(job->promise, {}, std::move(reply));
}

// -- SEARCH ---------------------------------------------------------------------------------------

session_state::answered session_state::search_history(Request& x, user& u) {
  auto account = u.card->account_id();
  if (account == 0)
    return refusal(chat::v1::NEEDS_ACCOUNT);
  auto promise = self->make_response_promise<Reply>();
  auto what = x.search_history();
  if (!what.nick().empty()) {
    find_account(what.nick(), account, [this, promise, what, account](std::int64_t other) {
      if (other == 0)
        return publish(promise, {}, Reply{});
      when_stored(other, [this, promise, what, account, other] {
        search_in(promise, what, {sql::direct_target(account, other)});
      });
    });
    return promise;
  }
  writer->when_written([this, promise, what, account] {
    auto then = [this, promise, what](const result<std::vector<sql::history_target>>& found) {
      if (!found)
        return publish(promise, {}, refusal(refusal_of(found.error().code)));
      std::vector<std::string> all;
      for (auto& y : *found)
        all.push_back(y.target);
      search_in(promise, what, std::move(all));
    };
    parts->history.targets(
      account, {}, std::numeric_limits<std::int64_t>::max(), 0, conversations_at_most,
      resume<std::vector<sql::history_target>>(self, limits, patience, std::move(then)));
  });
  return promise;
}

void session_state::search_in(answer promise, const chat::v1::SearchHistory& what,
                              std::vector<std::string> targets) {
  auto then = [this, promise](const result<sql::history_found>& found) {
    Reply reply;
    if (found)
      put_events(reply, found->events);
    else
      reply.set_refusal(refusal_of(found.error().code));
    publish(promise, {}, std::move(reply));
  };
  parts->history.search(to_search(what, std::move(targets), rules()->history_per_request),
                        resume<sql::history_found>(self, limits, patience, std::move(then)));
}

// -- REDACT ---------------------------------------------------------------------------------------

session_state::answered session_state::redact(Request& x, user& u) {
  if (u.card->account_id() == 0)
    return refusal(chat::v1::NO_SUCH_MESSAGE); // nothing is kept of who has no account
  auto promise = self->make_response_promise<Reply>();
  auto account = u.card->account_id();
  auto job = std::make_shared<Request>(std::move(x));
  find_account(job->redact().nick(), account, [this, promise, job](std::int64_t other) {
    when_stored(other, [this, promise, job] {
      auto then = [this, promise, job](const result<sql::chat_event>& row) {
        if (!row)
          return publish(promise, {}, refusal(refusal_of(row.error().code)));
        redact_found(promise, job, *row);
      };
      parts->history.find(job->redact().event_id(),
                          resume<sql::chat_event>(self, limits, patience, std::move(then)));
    });
  });
  return promise;
}

/// Its sender may take a message back, for a while; an operator of the server may at any time.
void session_state::redact_found(answer promise, const std::shared_ptr<Request>& x,
                                 const sql::chat_event& row) {
  auto* u = find(x->session_id());
  if (!u)
    return give(promise, refusal(chat::v1::NO_SUCH_SESSION));
  auto mine = u->card->account_id();
  auto parties = sql::direct_parties(row.target);
  auto is_party = parties && (parties->first == mine || parties->second == mine);
  if (!is_party || row.redacted)
    return publish(promise, {}, refusal(chat::v1::NO_SUCH_MESSAGE));
  auto window = std::chrono::duration_cast<std::chrono::milliseconds>(rules()->redaction_window);
  if (!u->card->is_operator()) {
    if (row.sender_account != mine)
      return publish(promise, {}, refusal(chat::v1::NO_ACCESS));
    if (now_of(*x) - row.time_ms > window.count())
      return publish(promise, {}, refusal(chat::v1::TOO_LATE));
  }
  auto other = parties->first == mine ? parties->second : parties->first;
  auto said = to_event(row);
  auto who = u->card->who();
  auto nick = said.source().account_id() == mine ? said.target() : said.source().nick();
  sql::redaction why{who.nick() + "!" + who.user() + "@" + who.host(), x->redact().reason(),
                     now_of(*x)};
  auto then = [this, promise, x, who, other, mine, nick](const result<sql::chat_event>& done) {
    if (!done)
      return publish(promise, {}, refusal(refusal_of(done.error().code)));
    auto event = event_of(*x, who);
    event.set_target(nick);
    event.mutable_redacted()->set_event_id(x->redact().event_id());
    event.mutable_redacted()->set_reason(x->redact().reason());
    for (auto account : {mine, other})
      for (auto& session : parts->people->of_account(account))
        if (std::ranges::find(event.sessions(), session->session_id()) == event.sessions().end())
          event.add_sessions(session->session_id());
    if (event.sessions().empty())
      event.add_sessions(x->session_id());
    events all;
    all.push_back(std::move(event));
    publish(promise, std::move(all), Reply{});
  };
  parts->history.redact(x->redact().event_id(), std::move(why),
                        resume<sql::chat_event>(self, limits, patience, std::move(then)));
}

} // namespace hamlet
