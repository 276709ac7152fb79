// SPDX-License-Identifier: Apache-2.0
#include "actors/nick/nick.hpp"

#include "actors/resume.hpp"
#include "lib/irc/casemap.hpp"

using namespace std::chrono_literals;

namespace hamlet {

using chat::v1::Reply;
using chat::v1::Request;

namespace {

constexpr auto patience = 10s; // shorter than that of the SESSION, which waits for us

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
  if (table.holder(nick) == x.session_id()) { // another case of its own
    table.take(nick, x.session_id());
    return Reply{};
  }
  if (parts->network && !forced && !x.who().is_operator()
      && parts->network->is_reserved_nick(irc::fold(nick)))
    return refusal(chat::v1::NICK_FORBIDDEN);
  if (auto rival = table.find_rival(nick, x.session_id()); rival.session_id != 0) {
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

// The nick is its own while the ACCOUNT is asked, so that nobody else gets it meanwhile.
caf::result<Reply> nick_state::ask_owner(const Request& x) {
  auto promise = self->make_response_promise<Reply>();
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
  auto promise = self->make_response_promise<Reply>();
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
