// SPDX-License-Identifier: Apache-2.0
#include "actors/nick/nick.hpp"

#include "actors/owed.hpp"
#include "actors/resume.hpp"
#include "lib/irc/casemap.hpp"

#include <utility>

using namespace std::chrono_literals;

namespace hamlet {

using chat::v1::Reply;
using chat::v1::Request;

namespace {

constexpr auto patience = 10s; // shorter than that of the SESSION, which waits for us
constexpr auto doubt = 5s;     // of a SESSION that may be gone

Reply refusal(chat::v1::Refusal why, std::string detail = {}) {
  Reply x;
  x.set_refusal(why);
  x.set_detail(std::move(detail));
  return x;
}

} // namespace

caf::result<Reply> nick_state::claim(const Request& x) {
  auto& nick = x.claim_nick().nick();
  auto forced = x.claim_nick().forced();
  if (parts->where && parts->where->is_dead(parts->where->node_of(x.session_id())))
    return refusal(chat::v1::FAILED);                        // nobody hears it
  if (table.holder(nick) == x.session_id() && is_shown(x)) { // another case of its own
    table.take(nick, x.session_id());
    return Reply{};
  }
  if (parts->network && !forced && !x.who().is_operator()
      && parts->network->is_reserved_nick(irc::fold(nick)))
    return refusal(chat::v1::NICK_FORBIDDEN);
  auto rival = find_rival(x);
  if (rival.session_id != 0 && is_doubtful(rival)) {
    auto& asked = x.claim_nick();
    if (asked.asked() != rival.session_id)
      return ask_rival(x, rival);
    if (!asked.asked_has_it()) {
      table.release(rival.nick, rival.session_id);
      rival = table.find_rival(nick, x.session_id());
    } else if (rival.is_same && table.holder(rival.nick) == 0) {
      table.take(rival.nick, rival.session_id);
    }
  }
  return decide(x, rival);
}

caf::result<Reply> nick_state::decide(const Request& x, const nick_table::rival& rival) {
  auto& nick = x.claim_nick().nick();
  auto forced = x.claim_nick().forced();
  if (rival.session_id != 0) {
    if (forced && rival.is_same)
      return oust(x, rival);
    auto reply = rival.is_same ? refusal(chat::v1::NICK_IN_USE)
                               : refusal(chat::v1::NICK_HELD, "looks like " + rival.nick);
    reply.set_session_id(rival.session_id);
    return reply;
  }
  if (table.size() >= parts->rules->get()->nicks_at_most)
    return refusal(chat::v1::FAILED);
  table.take(nick, x.session_id());
  if (forced || !parts->rules->get()->protects_owners)
    return Reply{};
  return ask_owner(x);
}

// -- where nodes die ------------------------------------------------------------------------------

/// Else it may have asked the owner before, who may not have answered: the book of claims does not
/// tell that from a nick that was granted.
bool nick_state::is_shown(const Request& x) const {
  if (parts->people == nullptr)
    return true;
  auto seen = parts->people->find_packed(x.session_id());
  return seen && irc::same_name(seen->nick(), x.claim_nick().nick());
}

/// By the table, or by what all see: a shard that was made anew may have missed one.
nick_table::rival nick_state::find_rival(const Request& x) const {
  auto rival = table.find_rival(x.claim_nick().nick(), x.session_id());
  if (rival.session_id != 0 || !parts->where || !parts->people)
    return rival;
  auto seen = parts->people->find_packed(x.claim_nick().nick());
  if (!seen || seen->session_id() == x.session_id())
    return rival;
  return {seen->session_id(), std::string{seen->nick()}, true};
}

/// The table and what all see are not the same: a note was lost with a node, or is on its way.
bool nick_state::is_doubtful(const nick_table::rival& who) const {
  if (!parts->where || !parts->people || parts->where->is_lost(who.session_id))
    return false;
  auto seen = parts->people->find_packed(who.session_id);
  return !seen || !irc::same_name(seen->nick(), who.nick)
         || table.holder(who.nick) != who.session_id;
}

/// Its SESSION knows whether it has the nick. Whoever cannot be asked has it, unless its node is
/// dead.
caf::result<Reply> nick_state::ask_rival(const Request& x, const nick_table::rival& who) {
  auto promise = owe<Reply>(self);
  Request question;
  question.set_session_id(who.session_id);
  question.set_now_ms(x.now_ms());
  question.mutable_has_nick()->set_nick(who.nick);
  auto again = [this, promise, claim = x, asked = who.session_id](bool has_it) mutable {
    claim.mutable_claim_nick()->set_asked(asked);
    claim.mutable_claim_nick()->set_asked_has_it(has_it);
    promise.delegate(chat_actor{self}, std::move(claim));
  };
  request<Reply>(
    self, limits, doubt, parts->owners->session_of(who.session_id), std::move(question),
    [again](const Reply& reply) mutable { again(reply.refusal() == chat::v1::NONE); },
    [this, again, id = who.session_id](const caf::error&) mutable {
      again(!parts->where->is_dead(parts->where->node_of(id)));
    });
  return promise;
}

// The nick is its own while the ACCOUNT is asked, so that nobody else gets it meanwhile.
caf::result<Reply> nick_state::ask_owner(const Request& x) {
  auto promise = owe<Reply>(self);
  auto nick = x.claim_nick().nick();
  auto account = x.claim_nick().account_id();
  auto then = [this, promise, nick, account,
               id = x.session_id()](result<nick_owner> owner) mutable {
    Reply reply;
    if (!owner)
      reply = refusal(chat::v1::FAILED);
    else if (owner->account_id != 0 && owner->account_id != account)
      reply = refusal(chat::v1::NICK_HELD, "belongs to the account " + owner->name);
    else if (table.holder(nick) != id) // an operator has taken it meanwhile
      reply = refusal(chat::v1::NICK_IN_USE);
    if (reply.refusal() != chat::v1::NONE)
      table.release(nick, id);
    promise.deliver(std::move(reply));
  };
  ask_nick_owner(self, limits, patience, *parts->owners, parts->find_owner, nick, account,
                 std::move(then));
  return promise;
}

// The one who had it has to be called something else before anybody sees the new one, so that no
// client ever sees two of them.
caf::result<Reply> nick_state::oust(const Request& x, const nick_table::rival& who) {
  auto promise = owe<Reply>(self);
  auto nick = x.claim_nick().nick();
  auto id = x.session_id();
  table.take(nick, id);
  Request order;
  order.set_session_id(who.session_id);
  order.set_now_ms(x.now_ms());
  order.mutable_force_nick()->set_from(nick);
  auto give_back = [this, promise, nick, id, former = who.session_id]() mutable {
    if (table.holder(nick) == id)
      table.take(nick, former);
    promise.deliver(refusal(chat::v1::FAILED));
  };
  request<Reply>(
    self, limits, patience, parts->owners->session_of(who.session_id), std::move(order),
    [promise, give_back](const Reply& done) mutable {
      if (done.refusal() == chat::v1::NONE || done.refusal() == chat::v1::NO_SUCH_SESSION)
        promise.deliver(Reply{});
      else
        give_back();
    },
    [give_back](const caf::error&) mutable { give_back(); });
  return promise;
}

void nick_state::release(const Request& x) {
  table.release(x.release_nick().nick(), x.session_id());
}

chat_actor::behavior_type nick_shard(chat_actor::stateful_pointer<nick_state> self,
                                     nick_parts parts) {
  self->state.self = self;
  for (auto& x : std::exchange(parts.known, {}))
    self->state.table.take(x.nick, x.session_id);
  self->state.parts = std::make_unique<const nick_parts>(std::move(parts));
  return {
    [self](const Request& x) -> caf::result<Reply> {
      switch (x.verb_case()) {
      case Request::kClaimNick: return self->state.claim(x);
      case Request::kReleaseNick: self->state.release(x); return Reply{};
      default: return refusal(chat::v1::BAD_REQUEST);
      }
    },
    [](caf::tick_atom) {},
  };
}

} // namespace hamlet
