// SPDX-License-Identifier: Apache-2.0
#include "actors/resume.hpp"
#include "actors/session/session.hpp"
#include "actors/session/user_modes.hpp"
#include "lib/irc/casemap.hpp"

#include <caf/send.hpp>

#include <algorithm>

using namespace std::chrono_literals;

namespace hamlet {

namespace {

constexpr auto patience = 20s;
constexpr int guesses = 8; // of a guest's nick

} // namespace

/// A client that has registered, on its way in.
struct session_state::start_job {
  Request request;
  answer promise;
  user::extras choices;
  int guesses_left = guesses;

  const chat::v1::StartSession& what() const { return request.start_session(); }
  bool is_restored() const { return what().connection_id() == 0; }
};

session_state::answered session_state::start(Request& x) {
  if (x.session_id() == 0) { // a number decides which shard it is in
    x.set_session_id(parts->ids->next());
    auto owner = parts->owners->session_of(x.session_id());
    return self->delegate(owner, std::move(x));
  }
  if (find(x.session_id()) || starting_.contains(x.session_id()) || x.who().nick().empty())
    return refusal(chat::v1::BAD_REQUEST);
  if (users.size() + starting_.size() >= rules()->sessions)
    return refusal(chat::v1::FAILED);
  auto job = std::make_shared<start_job>();
  job->request = std::move(x);
  job->request.mutable_who()->set_session_id(job->request.session_id());
  job->promise = self->make_response_promise<Reply>();
  auto result = job->promise;
  starting_.try_emplace(job->request.session_id());
  if (!join_other_session(job, 0))
    begin(std::move(job));
  return result;
}

/// A member who is here already, and who waits for a client or may have several: the client joins
/// that session. @param holder Of the nick, when it was refused. @return False: there is none.
bool session_state::join_other_session(const std::shared_ptr<start_job>& job, std::int64_t holder) {
  if (job->is_restored())
    return false;
  auto& who = job->request.who();
  packed_ref best;
  for (auto& x : parts->people->of_account(who.account_id())) {
    auto waits = x->clients() == 0 || is_lost(x->session_id());
    if (!waits && !job->what().may_resume())
      continue;
    auto same = irc::same_name(x->nick(), who.nick());
    if (!best || same || (best->clients() != 0 && waits))
      best = x;
    if (same)
      break;
  }
  auto other = best ? best->session_id() : job->what().may_resume() ? holder : 0;
  if (other == 0 || who.account_id() == 0)
    return false;
  Request attach;
  attach.set_session_id(other);
  *attach.mutable_who() = who;
  *attach.mutable_origin() = job->request.origin();
  attach.set_now_ms(job->request.now_ms());
  attach.mutable_attach()->set_connection_id(job->what().connection_id());
  auto adopts = is_lost(other);
  attach.mutable_attach()->set_may_adopt(adopts);
  auto owner = adopts ? parts->owners->session_here(other) : parts->owners->session_of(other);
  auto otherwise = [this, job, holder] {
    if (holder != 0) {
      end_starting(job->request.session_id());
      give(job->promise, refusal(chat::v1::NICK_IN_USE));
    } else {
      begin(job);
    }
  };
  hamlet::request<Reply>(
    self, limits, patience, owner, std::move(attach),
    [this, job, otherwise](Reply& x) mutable {
      if (x.refusal() != chat::v1::NONE)
        return otherwise();                          // it has ended meanwhile
      if (end_starting(job->request.session_id())) { // its client did not wait
        Request gone;
        gone.set_session_id(x.session_id());
        gone.mutable_detach()->set_connection_id(job->what().connection_id());
        gone.mutable_detach()->set_was_lost(true);
        caf::anon_send(parts->owners->session_of(x.session_id()), std::move(gone));
      }
      give(job->promise, std::move(x));
    },
    [this, job, holder, other, adopts, otherwise](const caf::error&) mutable {
      // Its home has died meanwhile: now it can be taken over.
      if (adopts || !is_lost(other) || !join_other_session(job, holder))
        otherwise();
    });
  return true;
}

void session_state::begin(std::shared_ptr<start_job> job) {
  auto account = job->request.who().account_id();
  if (account == 0)
    return claim_first(std::move(job));
  load_choices(account, [this, job](const user::extras& choices) {
    job->choices.persistence = choices.persistence;
    job->choices.history = choices.history;
    claim_first(job);
  });
}

void session_state::claim_first(std::shared_ptr<start_job> job) {
  Request what;
  what.set_session_id(job->request.session_id());
  *what.mutable_who() = job->request.who();
  what.set_now_ms(job->request.now_ms());
  what.mutable_claim_nick()->set_nick(job->request.who().nick());
  what.mutable_claim_nick()->set_account_id(job->request.who().account_id());
  claim(std::move(what), [this, job](const Reply& x) {
    if (x.refusal() == chat::v1::NONE)
      return finish_start(job);
    // Nobody is asked for another nick when the program starts.
    if (job->is_restored() && job->guesses_left-- > 0) {
      job->request.mutable_who()->set_nick(guest_nick());
      return claim_first(job);
    }
    // Two clients of one member came at once, and the other was the first.
    if (x.refusal() == chat::v1::NICK_IN_USE && join_other_session(job, x.session_id()))
      return;
    end_starting(job->request.session_id());
    auto reply = x;
    reply.clear_session_id();
    give(job->promise, std::move(reply));
  });
}

void session_state::finish_start(const std::shared_ptr<start_job>& job) {
  auto& x = job->request;
  auto id = x.session_id();
  if (starting_[id].is_cancelled) {
    end_starting(id);
    release(id, x.who().nick());
    return give(job->promise, refusal(chat::v1::NO_SUCH_SESSION));
  }
  auto& u = users[id];
  user_card card;
  card.who = x.who();
  card.signon_ms = job->what().signon_ms() != 0 ? job->what().signon_ms() : now_of(x);
  card.who.clear_user_modes();
  std::vector<chat::v1::ModeChange> wanted;
  for (auto letter : job->what().user_modes()) {
    auto& change = wanted.emplace_back();
    change.set_add(true);
    change.set_letter(std::string(1, letter));
  }
  // A host that is no address may be taken off; x says that it is on.
  auto is_cloaked = card.who.host() != card.who.address() && !card.who.address().empty();
  change_modes(card.who, wanted, false, is_cloaked);
  renew_modes(card.who);
  if (job->choices.persistence != user::choice::none || job->choices.history != user::choice::none)
    *(u.rare = std::make_unique<user::extras>()) = std::move(job->choices);
  if (!job->is_restored())
    u.clients.push_back({job->what().connection_id(), card.who.is_secure(), false});
  if (job->what().has_saved())
    card.away = job->what().saved().away();
  card.who.set_is_away(!card.away.empty());
  put(u, std::move(card));
  if (job->is_restored()) {
    u.more().is_saved = true;
    if (!stays(u)) { // the administrator or the member has decided otherwise
      forget_saved(u);
      release(id, std::string{u.card->nick()});
      parts->people->remove(id, now_of(x));
      users.erase(id);
      end_starting(id);
      return give(job->promise, refusal(chat::v1::NO_SUCH_SESSION));
    }
    join_saved(u, x);
  }
  auto online = event_of(x, u.card->who());
  online.mutable_online();
  events all;
  all.push_back(std::move(online));
  publish(job->promise, std::move(all), describe(u));
  end_starting(id);
}

/// It is in, or will never be. @return Its client has not waited.
bool session_state::end_starting(std::int64_t session_id) {
  auto at = starting_.extract(session_id);
  if (at.empty())
    return false;
  for (auto& next : at.mapped().waiting)
    next();
  return at.mapped().is_cancelled;
}

/// What it was before the program stopped.
void session_state::join_saved(user& u, const Request& cause) {
  auto& saved = cause.start_session().saved();
  for (auto& x : saved.silence())
    if (auto mask = irc::hostmask::of(x))
      u.more().silence.push_back(std::move(*mask));
  u.more().accept.assign(saved.accept().begin(), saved.accept().end());
  for (auto& channel : saved.channels()) {
    Request join;
    join.set_session_id(u.card->session_id());
    u.card->read(*join.mutable_who());
    join.set_now_ms(cause.now_ms());
    join.set_channel(channel);
    join.mutable_join()->set_forced(true);
    join.mutable_join()->set_channels_at_most(static_cast<std::uint32_t>(rules()->channels));
    caf::anon_send(parts->owners->channel_of(irc::fold(channel)), std::move(join));
  }
}

// -- a client more --------------------------------------------------------------------------------

chat::v1::Reply session_state::describe(user& u) {
  Reply x;
  u.card->read(*x.mutable_who());
  x.set_session_id(u.card->session_id());
  x.set_user_modes(shown_modes(x.who()));
  x.set_away(std::string{u.card->away()});
  for (auto& channel : u.channels)
    x.add_channels(channel);
  return x;
}

session_state::answered session_state::attach(Request& x) {
  auto promise = self->make_response_promise<Reply>();
  auto order = std::make_shared<Request>(std::move(x));
  auto run = [this, promise, order] { attach_or_adopt(promise, order); };
  if (auto at = starting_.find(order->session_id()); at != starting_.end())
    at->second.waiting.emplace_back(run);
  else
    run();
  return promise;
}

void session_state::attach_or_adopt(answer promise, std::shared_ptr<Request> x) {
  if (find(x->session_id()) || !x->attach().may_adopt())
    return attach(promise, *x);
  adopt(x->session_id(), false, [this, promise, x](bool is_here) {
    is_here ? attach(promise, *x) : give(promise, refusal(chat::v1::NO_SUCH_SESSION));
  });
}

void session_state::attach(answer promise, const Request& x) {
  auto* u = find(x.session_id());
  if (!u || x.who().account_id() == 0 || x.who().account_id() != u->card->account_id())
    return give(promise, refusal(chat::v1::NO_SUCH_SESSION));
  if (u->clients.size() >= rules()->clients)
    return give(promise, refusal(chat::v1::LIMIT_REACHED));
  if (parts->where && parts->where->is_dead(node_of_id(x.attach().connection_id())))
    return give(promise, refusal(chat::v1::FAILED)); // its client would never leave
  u->clients.push_back({x.attach().connection_id(), x.who().is_secure(), false});
  if (u->rare)
    u->rare->grace_end = user::clock::time_point::max();
  in_grace_.erase(x.session_id());
  events all;
  change(*u, [&](user_card& card) {
    card.who.set_is_secure(
      std::ranges::all_of(u->clients, [](const user::client& c) { return c.is_secure; }));
    renew_modes(card.who);
    if (x.who().address().empty())
      return;
    card.who.set_address(x.who().address());
    *card.who.mutable_former_hosts() = x.who().former_hosts();
  });
  renew_away(*u, x, all);
  auto reply = describe(*u);
  reply.set_is_resumed(true);
  publish(promise, std::move(all), std::move(reply));
}

// -- the start of the program ---------------------------------------------------------------------

namespace {

struct restoring {
  const router* owners;
  sql::chat_account_repository accounts;
  id_source* ids;
  std::function<void(result<std::size_t>)> done;
  std::size_t count = 0;
};

void restore_after(const std::shared_ptr<restoring>& job, std::int64_t after) {
  constexpr std::size_t page = 200;
  job->accounts.sessions(after, page, [job](result<std::vector<sql::chat_session>> got) {
    if (!got)
      return job->done(tl::unexpected{got.error()});
    for (auto& row : *got) {
      chat::v1::Request x;
      x.set_session_id(job->ids->next());
      auto& start = *x.mutable_start_session();
      auto& who = *x.mutable_who();
      if (start.mutable_saved()->ParseFromString(row.channels))
        who = start.saved().who();
      who.set_nick(row.nick);
      who.set_user(row.username);
      who.set_real_name(row.realname);
      who.set_account_id(row.account_id);
      start.set_user_modes(row.user_modes);
      start.mutable_saved()->set_away(row.away);
      caf::anon_send(job->owners->session_of(x.session_id()), std::move(x));
      ++job->count;
    }
    if (got->size() < page)
      return job->done(job->count);
    restore_after(job, got->back().account_id);
  });
}

} // namespace

void restore_sessions(const router& owners, sql::chat_account_repository accounts, id_source& ids,
                      std::function<void(result<std::size_t>)> done) {
  restore_after(std::make_shared<restoring>(restoring{&owners, accounts, &ids, std::move(done)}),
                0);
}

} // namespace hamlet
