// SPDX-License-Identifier: Apache-2.0
#include "actors/cluster/inbox.hpp"

#include "actors/cluster/stand_in.hpp"
#include "actors/cluster/verbs.hpp"
#include "actors/failure.hpp"

#include <caf/send.hpp>

#include <algorithm>

namespace hamlet::cluster {

namespace {

constexpr std::chrono::seconds grace{15}; // for a link to come back, before stand-ins end
constexpr std::size_t max_stand_ins = 50'000;

reply failed(errc code, std::string detail = {}) {
  return {delivery::failed, 0, 0, {}, code, std::move(detail)};
}

/// RELAY takes them, also what is asked of a SESSION whose home this node is.
template <class Interface>
constexpr bool is_of_node =
  std::same_as<
    Interface,
    fanout_actor> || std::same_as<Interface, chat_actor> || std::same_as<Interface, relay_actor>;

/// A verb goes to owners of its interface: their handles are cast to it.
template <class Verb>
bool is_of_kind(std::int32_t kind) {
  using interface = typename Verb::interface;
  switch (static_cast<shard_kind>(kind)) {
  case shard_kind::mailbox: return std::same_as<interface, mailbox_shard_actor>;
  case shard_kind::account: return std::same_as<interface, account_actor>;
  case shard_kind::queue: return std::same_as<interface, queue_actor>;
  case shard_kind::nick:
  case shard_kind::channel:
  case shard_kind::session: return std::same_as<interface, chat_actor>;
  }
  return kind == node_kind && is_of_node<interface>;
}

/// Asks the owner as `self`, and answers with what it says.
template <class Verb>
void ask(caf::event_based_actor* self, deadlines& limits, const caf::actor& owner,
         const std::shared_ptr<typename Verb::request>& msg, std::chrono::seconds limit,
         on_reply answer) {
  if constexpr (Verb::is_note) {
    self->send(caf::actor_cast<typename Verb::interface>(owner), std::move(*msg));
    answer({delivery::ok, 0, 0, {}, errc::none, {}});
  } else {
    auto then = [answer = std::move(answer)](result<typename Verb::reply> x) {
      answer(x ? reply{delivery::ok, 0, 0, x->SerializeAsString(), errc::none, {}}
               : failed(x.error().code));
    };
    ask_owner<Verb>(self, limits, limit, owner, std::move(*msg), std::move(then));
  }
}

/// Who owns the shard of a command here; or why nobody does, in `answer`.
caf::actor owner_of(const places& where, const command& x, on_reply& answer) {
  auto found = where.find({static_cast<shard_kind>(x.kind), x.number});
  if (found.state != places::state::elsewhere && found.epoch == x.epoch) {
    if (found.state == places::state::open)
      return found.handle;
    answer({delivery::busy, found.epoch, 0, {}, errc::none, {}});
  } else if (found.owner != 0 && found.epoch > x.epoch) {
    answer({delivery::moved, found.epoch, found.owner, {}, errc::none, {}});
  } else if (found.owner == where.me() && found.epoch == x.epoch) { // not open yet
    answer({delivery::busy, found.epoch, 0, {}, errc::none, {}});
  } else {
    answer({delivery::wrong_owner, found.epoch, 0, {}, errc::none, {}});
  }
  return {};
}

} // namespace

inbox_state::~inbox_state() {
  for (auto& [who, x] : stand_ins)
    caf::anon_send_exit(x, caf::exit_reason::user_shutdown);
}

void inbox_state::take(incarnation from, command x, on_reply answer, bool may_wait) {
  if (x.type == asker_gone) {
    if (auto found = stand_ins.find({from, x.client}); found != stand_ins.end()) {
      self->send_exit(found->second, caf::exit_reason::user_shutdown);
      stand_ins.erase(found);
    }
    return answer({delivery::ok, 0, 0, {}, errc::none, {}});
  }
  auto owner = owner_of(*where, x, answer);
  if (!owner)
    return;
  auto limit = std::clamp(std::chrono::ceil<std::chrono::seconds>(x.left), std::chrono::seconds{1},
                          longest_wait);
  auto is_known = with_verb(x.type, [&]<class Verb>() {
    auto msg = std::make_shared<typename Verb::request>();
    if (!is_of_kind<Verb>(x.kind))
      return answer(failed(errc::bad_message, "a verb of another kind"));
    if (!msg->ParseFromString(x.payload))
      return answer(failed(errc::bad_message, "a command that cannot be read"));
    if constexpr (std::same_as<typename Verb::request, chat::v1::Request>)
      if (may_wait && has_to_wait(*msg, from, x, answer))
        return;
    if constexpr (Verb::repeated == twice::is_known) {
      if (!done.begin(x.id, answer))
        return;
      answer = [me = caf::actor_cast<caf::actor>(self), id = x.id](reply with) {
        caf::anon_send(me, resumption{std::make_shared<note_to_inbox>(note_to_inbox{
                             [id, with = std::move(with)](inbox_state& state) mutable {
                               state.done.finish(id, std::move(with));
                             }})});
      };
    }
    if constexpr (Verb::asked_by == asker::any) {
      ask<Verb>(self, limits, owner, msg, limit, std::move(answer));
    } else {
      auto& place = stand_ins[{from, x.client}];
      if (!place && stand_ins.size() > max_stand_ins) {
        stand_ins.erase({from, x.client});
        return answer({delivery::busy, 0, 0, {}, errc::none, {}});
      }
      if (!place)
        place = spawn_stand_in(self);
      give(place,
           [=, answer = std::move(answer)](caf::event_based_actor* as, deadlines& its) mutable {
             ask<Verb>(as, its, owner, msg, limit, std::move(answer));
           });
    }
  });
  if (!is_known)
    answer(failed(errc::bad_message, "an unknown verb"));
}

// A link that comes back in time finds its stand-ins, and the locks they hold, as they were.
void inbox_state::on_down(incarnation peer) {
  auto number = ++cuts;
  cut[peer] = number;
  auto then = [this, peer, number] {
    if (auto found = cut.find(peer); found != cut.end() && found->second == number) {
      cut.erase(found);
      end_all_of(peer);
    }
  };
  auto later = note_to_inbox{[then](inbox_state&) { then(); }};
  self->delayed_send(self, grace, resumption{std::make_shared<note_to_inbox>(std::move(later))});
}

void inbox_state::on_up(incarnation peer) {
  cut.erase(peer);
}

void inbox_state::end_all_of(incarnation peer) {
  auto from = stand_ins.lower_bound({peer, 0});
  while (from != stand_ins.end() && from->first.first == peer) {
    self->send_exit(from->second, caf::exit_reason::user_shutdown);
    from = stand_ins.erase(from);
  }
}

caf::behavior inbox(caf::stateful_actor<inbox_state>* self, std::shared_ptr<const places> where,
                    std::shared_ptr<heard_news> heard) {
  self->state.self = self;
  self->state.where = std::move(where);
  self->state.heard = std::move(heard);
  return {[self](resumption& x) { static_cast<note_to_inbox*>(x.answer.get())->run(self->state); }};
}

on_command into(caf::actor inbox) {
  return [inbox = std::move(inbox)](std::int64_t from, command x, on_reply answer) {
    note_to_inbox note{
      [from, x = std::move(x), answer = std::move(answer)](inbox_state& state) mutable {
        state.take(from, std::move(x), std::move(answer));
      }};
    caf::anon_send(inbox, resumption{std::make_shared<note_to_inbox>(std::move(note))});
  };
}

void tell(const caf::actor& inbox, const link_event& x) {
  std::function<void(inbox_state&)> run;
  if (auto* down = std::get_if<link_down>(&x))
    run = [peer = down->incarnation](inbox_state& state) { state.on_down(peer); };
  else if (auto* up = std::get_if<link_up>(&x))
    run = [peer = up->incarnation](inbox_state& state) { state.on_up(peer); };
  if (run)
    caf::anon_send(inbox, resumption{std::make_shared<note_to_inbox>(note_to_inbox{run})});
}

} // namespace hamlet::cluster
