// SPDX-License-Identifier: Apache-2.0
#include "actors/chat/origin.hpp"
#include "actors/nick/nick_table.hpp"
#include "actors/session/session.hpp"
#include "lib/irc/casemap.hpp"

#include <caf/send.hpp>

#include <algorithm>

using namespace std::chrono_literals;

namespace hamlet {

namespace {

constexpr auto patience = 15s;
constexpr auto release_patience = 3s; // then it is free when its directory has an owner again
constexpr int guesses = 8;

} // namespace

/// A new nick: its channels are asked, then the NICK directory.
struct session_state::rename_job {
  Request request;
  answer promise;
  std::int64_t session_id;
  std::string nick;
  bool forced;
  std::vector<std::string> channels; ///< still to be asked, the last first
  int guesses_left = 0;              ///< other guests' nicks to try
};

session_state::answered session_state::set_nick(Request& x, user& u) {
  if (x.set_nick().nick().empty())
    return refusal(chat::v1::NICK_BAD);
  if (u.card->nick() == x.set_nick().nick())
    return publish({}, describe(u));
  if (u.is_renaming()) // by another of its clients
    return refusal(chat::v1::NICK_TOO_FAST);
  u.more().is_renaming = true;
  auto job = std::make_shared<rename_job>();
  job->session_id = x.session_id();
  job->nick = x.set_nick().nick();
  job->forced = x.set_nick().forced();
  if (!job->forced)
    job->channels.assign(u.channels.rbegin(), u.channels.rend());
  job->request = std::move(x);
  job->promise = self->make_response_promise<Reply>();
  auto result = job->promise;
  ask_next_channel(std::move(job));
  return result;
}

session_state::answered session_state::force_nick(Request& x, user& u) {
  auto promise = self->make_response_promise<Reply>();
  auto order = std::make_shared<Request>(std::move(x));
  auto run = [this, promise, order]() mutable {
    auto* who = find(order->session_id());
    if (!who)
      return give(promise, refusal(chat::v1::NO_SUCH_SESSION));
    auto& from = order->force_nick().from();
    if (!from.empty() && !irc::same_name(from, who->card->nick()))
      return give(promise, Reply{}); // it has another one meanwhile
    who->more().is_renaming = true;
    auto job = std::make_shared<rename_job>();
    job->session_id = order->session_id();
    job->nick = order->force_nick().nick();
    job->forced = true;
    if (job->nick.empty()) {
      job->nick = guest_nick();
      job->guesses_left = guesses;
    }
    job->request = *order;
    of_no_connection(*job->request.mutable_origin()); // it is none of its own doing
    job->promise = promise;
    claim_next(std::move(job));
  };
  if (u.is_renaming())
    u.more().delayed.emplace_back(std::move(run));
  else
    run();
  return promise;
}

std::string session_state::guest_nick() {
  auto number = static_cast<std::uint64_t>(parts->ids->next()) * 0x9e3779b97f4a7c15u;
  return rules()->guest + std::to_string(10'000 + number % 90'000);
}

// RFC 2812 §3.1.2 says nothing of channels: where it is banned or the channel says so (mode N), a
// member keeps its nick. The first refusal wins.
void session_state::ask_next_channel(std::shared_ptr<rename_job> job) {
  if (job->channels.empty())
    return claim_next(std::move(job));
  auto* u = find(job->session_id);
  if (!u)
    return give(job->promise, refusal(chat::v1::NO_SUCH_SESSION));
  Request what;
  what.set_channel(std::move(job->channels.back()));
  job->channels.pop_back();
  what.set_now_ms(job->request.now_ms());
  what.mutable_get_status()->set_action("nick");
  auto then = [this, job, channel = what.channel()](const Reply& x) {
    // A channel that it has left meanwhile has no say.
    if (x.refusal() == chat::v1::BANNED_NICK_CHANGE || x.refusal() == chat::v1::NO_NICK_CHANGE) {
      auto reply = x;
      if (reply.channel().empty())
        reply.set_channel(channel);
      return finish_rename(job, reply);
    }
    ask_next_channel(job);
  };
  ask_channel(*u, std::move(what), std::move(then));
}

void session_state::claim_next(std::shared_ptr<rename_job> job) {
  auto* u = find(job->session_id);
  if (!u)
    return give(job->promise, refusal(chat::v1::NO_SUCH_SESSION));
  Request what;
  what.set_session_id(job->session_id);
  u->card->read(*what.mutable_who());
  what.set_now_ms(job->request.now_ms());
  auto& claimed = *what.mutable_claim_nick();
  claimed.set_nick(job->nick);
  claimed.set_old_nick(what.who().nick());
  claimed.set_account_id(what.who().account_id());
  claimed.set_forced(job->request.has_set_nick() && job->forced);
  claim(std::move(what), [this, job](const Reply& x) {
    if (x.refusal() != chat::v1::NONE && job->guesses_left-- > 0) {
      job->nick = guest_nick();
      return claim_next(job);
    }
    finish_rename(job, x);
  });
}

void session_state::finish_rename(const std::shared_ptr<rename_job>& job, const Reply& claimed) {
  auto* u = find(job->session_id);
  if (!u) {
    if (claimed.refusal() == chat::v1::NONE)
      release(job->session_id, job->nick);
    return give(job->promise, refusal(chat::v1::NO_SUCH_SESSION));
  }
  u->more().is_renaming = false;
  auto delayed = std::exchange(u->more().delayed, {});
  if (claimed.refusal() != chat::v1::NONE) {
    auto reply = claimed;
    reply.clear_session_id();
    give(job->promise, std::move(reply));
  } else {
    auto before = u->card->who();
    change(*u, [&](user_card& card) { card.who.set_nick(job->nick); });
    events all;
    auto changed = event_of(job->request, before);
    changed.mutable_nick()->set_nick(job->nick);
    all.push_back(std::move(changed));
    if (!irc::same_name(before.nick(), job->nick)) {
      auto offline = event_of(job->request, before);
      offline.mutable_offline()->set_nick(before.nick());
      all.push_back(std::move(offline));
      auto online = event_of(job->request, u->card->who());
      online.mutable_online();
      all.push_back(std::move(online));
    }
    tell_of_change(*u, job->request, before.nick(), all);
    publish(std::move(all)); // before the nick may be somebody else's
    release(job->session_id, before.nick(), job->nick, [this, job] {
      auto* now = find(job->session_id);
      if (!now)
        return give(job->promise, refusal(chat::v1::NO_SUCH_SESSION));
      publish(job->promise, {}, describe(*now));
    });
  }
  for (auto& next : delayed)
    next();
}

// -- the NICK directory ---------------------------------------------------------------------------

void session_state::claim(Request what, std::function<void(const Reply&)> then) {
  if (auto* book = parts->claims) { // others may ask for it before presence shows it
    auto id = what.session_id();
    auto nick = what.claim_nick().nick();
    book->add(id, nick);
    then = [book, id, nick, then = std::move(then)](const Reply& x) {
      then(x);
      book->remove(id, nick);
    };
  }
  claim(std::move(what), std::move(then), 0);
}

void session_state::claim(Request what, std::function<void(const Reply&)> then, std::size_t key) {
  auto keys = nick_keys(what.claim_nick().nick());
  auto& owner = parts->owners->nick_of(keys[key]);
  auto next = [this, what, then, key, last = key + 1 == keys.size()](const Reply& x) {
    if (x.refusal() == chat::v1::NONE && !last)
      return claim(what, then, key + 1);
    if (x.refusal() != chat::v1::NONE && key > 0)
      release(what.session_id(), what.claim_nick().nick(), what.claim_nick().old_nick());
    then(x);
  };
  // It may have been granted although nobody has said so.
  auto otherwise = [this, next, id = what.session_id(), nick = what.claim_nick().nick(),
                    old = what.claim_nick().old_nick()](const caf::error&) {
    release(id, nick, old);
    next(refusal(chat::v1::FAILED));
  };
  request<Reply>(self, limits, patience, owner, std::move(what), next, std::move(otherwise));
}

void session_state::release(std::int64_t session_id, const std::string& nick,
                            const std::string& kept, std::function<void()> then) {
  auto keeps =
    kept.empty() || !irc::same_name(nick, kept) ? std::vector<std::string>{} : nick_keys(kept);
  auto keys = nick_keys(nick);
  std::erase_if(keys, [&](auto& key) { return std::ranges::find(keeps, key) != keeps.end(); });
  if (keys.empty() && then)
    return then();
  auto is_last = [left = std::make_shared<std::size_t>(keys.size())] { return --*left == 0; };
  for (auto& key : keys) {
    Request note;
    note.set_session_id(session_id);
    note.mutable_release_nick()->set_nick(nick);
    auto& owner = parts->owners->nick_of(key);
    if (!then) {
      caf::anon_send(owner, std::move(note));
      continue;
    }
    auto heard = [is_last, then] {
      if (is_last())
        then();
    };
    request<Reply>(
      self, limits, release_patience, owner, std::move(note), [heard](const Reply&) { heard(); },
      [heard](const caf::error&) { heard(); });
  }
}

} // namespace hamlet
