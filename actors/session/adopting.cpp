// SPDX-License-Identifier: Apache-2.0
#include "actors/resume.hpp"
#include "actors/session/session.hpp"
#include "lib/base/clock.hpp"
#include "lib/irc/casemap.hpp"
#include "lib/log/log.hpp"

#include <caf/send.hpp>

#include <algorithm>

// In a cluster: what a node that has died leaves behind. A member's session is taken over with its
// id, so that its channels, and everybody in them, see nothing of it.

using namespace std::chrono_literals;

namespace hamlet {

namespace {

constexpr auto patience = 20s;
constexpr auto node_lost = "Node lost";

} // namespace

// -- adoption -------------------------------------------------------------------------------------

session_state::answered session_state::adopt_session(Request& x) {
  auto promise = self->make_response_promise<Reply>();
  auto order = std::make_shared<Request>(std::move(x));
  adopt(order->session_id(), true, [this, promise, order](bool) {
    auto* u = find(order->session_id());
    if (!u)
      return give(promise, refusal(chat::v1::NO_SUCH_SESSION));
    events all;
    if (u->clients.empty())
      renew_away(*u, *order, all); // nobody is there
    publish(promise, std::move(all), describe(*u));
  });
  return promise;
}

void session_state::adopt(std::int64_t session_id, bool if_it_stays, then_adopted then) {
  if (find(session_id))
    return then(true);
  auto known = parts->people->find_packed(session_id);
  if (!is_lost(session_id) || !known || known->account_id() == 0)
    return then(false);
  auto decide = [this, session_id, if_it_stays,
                 then = std::move(then)](const user::extras& choices,
                                         const result<std::vector<sql::chat_session>>& saved) {
    then(find(session_id) != nullptr || take_over(session_id, if_it_stays, choices, saved));
  };
  auto account = known->account_id();
  load_choices(account, [this, account, decide](const user::extras& choices) {
    using found = std::vector<sql::chat_session>;
    auto read = [decide, persistence = choices.persistence,
                 history = choices.history](const result<found>& saved) {
      user::extras x;
      x.persistence = persistence;
      x.history = history;
      decide(x, saved);
    };
    parts->accounts.sessions(account - 1, 1,
                             resume<found>(self, limits, patience, std::move(read)));
  });
}

/// What everybody knows of it, and what only the store does. @return False: it is somebody's again.
bool session_state::take_over(std::int64_t session_id, bool if_it_stays,
                              const user::extras& choices,
                              const result<std::vector<sql::chat_session>>& saved) {
  auto known = parts->people->find_packed(session_id);
  if (!known || !is_lost(session_id))
    return false;
  if (!saved)
    log::warning("chat", "a session goes on without its lists", {{"detail", saved.error().detail}});
  user u;
  u.card = known;
  auto& more = u.more();
  more.persistence = choices.persistence;
  more.history = choices.history;
  more.away_text = known->away();
  auto is_saved = saved && !saved->empty() && saved->front().account_id == known->account_id();
  if (chat::v1::SavedSession kept; is_saved && kept.ParseFromString(saved->front().channels)) {
    more.is_saved = true;
    for (auto& x : kept.silence())
      if (auto mask = irc::hostmask::of(x))
        more.silence.push_back(std::move(*mask));
    more.accept.assign(kept.accept().begin(), kept.accept().end());
  }
  if (if_it_stays && !stays(u))
    return false;
  for (auto& place : parts->people->channels_of(session_id))
    u.channels.push_back(std::move(place.channel));
  parts->where->adopt(session_id, parts->where->here());
  if (parts->news)
    parts->news->adopted(session_id);
  auto& mine = users[session_id] = std::move(u);
  change(mine, [](user_card&) {}); // without a client, until one attaches
  if (!stays(mine)) {
    mine.rare->grace_end =
      self->clock().now() + std::max<std::chrono::seconds>(rules()->grace, 10s);
    mine.rare->grace_reason = node_lost;
    in_grace_.insert(session_id);
    ask_later();
  }
  log::info("chat", "session adopted", {{"nick", mine.card->nick()}});
  return true;
}

void adopt_saved_sessions(const router& owners, const presence& people,
                          sql::chat_account_repository accounts,
                          std::function<void(result<std::size_t>)> done) {
  struct job {
    const router* owners;
    const presence* people;
    sql::chat_account_repository accounts;
    std::function<void(result<std::size_t>)> done;
    std::size_t count = 0;

    void read_after(std::int64_t after, const std::shared_ptr<job>& me) {
      constexpr std::size_t page = 200;
      accounts.sessions(after, page, [me](result<std::vector<sql::chat_session>> got) {
        if (!got)
          return me->done(tl::unexpected{got.error()});
        for (auto& row : *got)
          for (auto& x : me->people->of_account(row.account_id))
            if (me->owners->homes() && me->owners->homes()->is_lost(x->session_id())) {
              chat::v1::Request order;
              order.set_session_id(x->session_id());
              order.mutable_adopt_session();
              caf::anon_send(me->owners->session_here(x->session_id()), std::move(order));
              ++me->count;
            }
        if (got->size() < page)
          return me->done(me->count);
        me->read_after(got->back().account_id, me);
      });
    }
  };
  auto work = std::make_shared<job>(job{&owners, &people, accounts, std::move(done)});
  work->read_after(0, work);
}

// -- what is gone ---------------------------------------------------------------------------------

session_state::answered session_state::node_gone(Request& x) {
  auto node = static_cast<std::uint16_t>(x.node_gone().node());
  std::vector<std::int64_t> touched;
  if (parts->where && node == parts->where->here()) {
    for (auto& [id, u] : users)
      touched.push_back(id);
    for (auto id : touched)
      drop(users.at(id));
    for (auto& [id, job] : starting_)
      job.is_cancelled = true;
    return Reply{};
  }
  auto is_of_it = [&](const user::client& c) { return node_of_id(c.connection_id) == node; };
  for (auto& [id, u] : users)
    if (std::ranges::any_of(u.clients, is_of_it))
      touched.push_back(id);
  for (auto id : touched) {
    std::vector<std::int64_t> gone;
    for (auto& c : users.at(id).clients)
      if (is_of_it(c))
        gone.push_back(c.connection_id);
    Request cause;
    cause.set_session_id(id);
    cause.set_now_ms(x.now_ms());
    for (auto connection : gone)
      if (auto* u = find(id))
        detach(*u, cause, connection, node_lost, true);
  }
  return Reply{};
}

/// Another node has the session: it has its nick and its places, and says what is true of it.
void session_state::drop(user& u) {
  auto id = u.card->session_id();
  auto delayed = u.rare ? std::move(u.rare->delayed) : std::vector<std::function<void()>>{};
  in_grace_.erase(id);
  unsaved_.erase(id);
  users.erase(id);
  for (auto& next : delayed)
    next();
}

void session_state::keep_session(Request& x) {
  auto* u = find(x.session_id());
  if (u && x.keep_session().is_here())
    change(*u, [](user_card&) {});
  else if (u)
    drop(*u);
}

session_state::answered session_state::has_nick(const Request& x) {
  if (starting_.contains(x.session_id()))
    return Reply{};
  auto* u = find(x.session_id());
  if (!u)
    return refusal(chat::v1::NO_SUCH_SESSION);
  if (u->is_renaming() || irc::same_name(u->card->nick(), x.has_nick().nick()))
    return Reply{};
  return refusal(chat::v1::NO_SUCH_NICK);
}

} // namespace hamlet
