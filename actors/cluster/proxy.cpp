// SPDX-License-Identifier: Apache-2.0
#include "actors/cluster/proxy.hpp"

#include "actors/cluster/open_drop.hpp"
#include "actors/cluster/stand_in.hpp"
#include "actors/cluster/verbs.hpp"
#include "actors/failure.hpp"
#include "actors/resume.hpp"

#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <optional>

namespace hamlet::cluster {

namespace {

struct proxy_state {
  static inline const char* name = "proxy";
  std::optional<proxy_core> core;
  std::map<std::uint64_t, open_drop> drops; ///< of its clients
};

/// What the owner has answered, as the answer to who asked.
template <class Reply>
result<Reply> read(const reply& x) {
  Reply msg;
  if (x.what != delivery::ok)
    return fail(x.code == errc::none ? errc::timed_out : x.code, x.detail);
  if (!msg.ParseFromString(x.payload))
    return fail(errc::bad_message, "an answer that cannot be read");
  return msg;
}

template <class Reply>
void settle_with(caf::typed_response_promise<Reply>& promise, const reply& x) {
  settle(promise, read<Reply>(x));
}

// The lock of a maildrop, in whose hands it is. Others have none.
template <class Request>
constexpr lock_use use_of = lock_use::none;
template <>
constexpr lock_use use_of<mail::v1::OpenMaildrop> = lock_use::opens;
template <>
constexpr lock_use use_of<mail::v1::Update> = lock_use::needs;

/// What one would say twice: who has asked hears rather that it may have failed.
bool is_speech(const chat::v1::Request& x) {
  return x.has_say() || x.has_tell() || x.has_receive();
}

/// No reply overtakes the events that were before it on the other node.
void settle_behind_events(caf::typed_response_promise<chat::v1::Reply>& promise,
                          const fanout_actor& relay, const reply& x) {
  chat::v1::Publish last;
  if (x.what != delivery::ok || !relay || !last.mutable_reply()->ParseFromString(x.payload)
      || !last.reply().has_stamp())
    return settle_with(promise, x);
  promise.delegate(relay, std::move(last));
}

template <class Verb>
proxy_core::item item_of(const std::shared_ptr<typename Verb::request>& msg, std::uint64_t client) {
  proxy_core::item x;
  x.client = client;
  x.lock = use_of<typename Verb::request>;
  if (x.lock != lock_use::none)
    x.asked = std::make_shared<std::int64_t>(0);
  x.type = Verb::number;
  x.is_note = Verb::is_note;
  x.octets = msg->ByteSizeLong();
  x.payload = [msg] { return msg->SerializeAsString(); };
  if constexpr (std::same_as<typename Verb::request, chat::v1::Request>)
    x.at_most_once = is_speech(*msg);
  return x;
}

template <class Verb, class Self>
std::uint64_t client_of(Self* self) {
  if constexpr (Verb::asked_by == asker::one)
    return self->state.core->client_of(self->current_sender());
  else
    return 0;
}

// What the proxy itself does about locks.
template <class Self>
void begin_update(Self* self, std::uint64_t client, const mail::v1::Update& msg);
template <class Self>
void end_update(Self* self, std::uint64_t client);
template <class Self>
void on_opened(Self* self, std::uint64_t client, const mail::v1::OpenMaildrop& msg,
               std::int64_t epoch, const result<mail::v1::Maildrop>& got);

/// One line of an interface, as the proxy has it.
template <class Interface, class Signature>
struct line;

template <class Interface, hamlet::wire::protobuf Request, class Reply>
struct line<Interface, caf::typed_mpi<caf::detail::type_list<Request>, caf::output_tuple<Reply>>> {
  using verb = verb_of<Interface, Request>;

  /// The proxy asks, not who has asked it: so that it can ask the next owner, too.
  template <class Self, class Then>
  static void ask_here(Self* self, std::uint64_t client, const caf::actor& owner,
                       const Request& msg, Then then) {
    auto& core = *self->state.core;
    if constexpr (verb::asked_by == asker::any) {
      ask_owner<verb>(self, core.limits(), longest_wait, owner, msg, std::move(then));
    } else if (auto stand_in = core.stand_in_of(client)) {
      auto answer = resume<Reply>(self, core.limits(), longest_wait, std::move(then));
      give(stand_in, [=](caf::event_based_actor* as, deadlines& its) {
        ask_owner<verb>(as, its, longest_wait, owner, msg, answer);
      });
    } else {
      then(fail(errc::bad_request, "who asked is gone"));
    }
  }

  /// What is asked, and who hears the end of it: `heard(result<Reply>)`.
  template <class Self, class Heard>
  static proxy_core::item item(Self* self, const std::shared_ptr<Request>& msg,
                               std::uint64_t client, Heard heard) {
    auto x = item_of<verb>(msg, client);
    x.ask = [self, heard, msg, client](const caf::actor& owner, proxy_core::outcome done) {
      auto then = [heard, done = std::move(done)](result<Reply> got) mutable {
        auto why = got ? error{} : got.error();
        if (got)
          heard(std::move(got));
        done(why);
      };
      ask_here(self, client, owner, *msg, std::move(then));
    };
    x.settle = [heard](const reply& with) mutable { heard(read<Reply>(with)); };
    return x;
  }

  template <class Self>
  static auto handler(Self* self) {
    return [self](Request& x) -> caf::result<Reply> {
      auto msg = std::make_shared<Request>(std::move(x));
      auto client = client_of<verb>(self);
      auto promise = self->template make_response_promise<Reply>();
      auto asked = std::make_shared<std::shared_ptr<std::int64_t>>();
      auto made = item(self, msg, client, [=](result<Reply> got) mutable {
        if constexpr (std::same_as<Request, mail::v1::OpenMaildrop>)
          on_opened(self, client, *msg, **asked, got);
        if constexpr (std::same_as<Request, mail::v1::Update>)
          end_update(self, client);
        settle(promise, std::move(got));
      });
      *asked = made.asked;
      if constexpr (std::same_as<Request, mail::v1::Update>)
        begin_update(self, client, *msg);
      if constexpr (std::same_as<Reply, chat::v1::Reply>)
        made.settle = [promise, relay = self->state.core->relay()](const reply& with) mutable {
          settle_behind_events(promise, relay, with);
        };
      self->state.core->take(std::move(made));
      return promise;
    };
  }
};

template <class Interface, hamlet::wire::protobuf Request>
struct line<Interface, caf::typed_mpi<caf::detail::type_list<Request>, caf::output_tuple<void>>> {
  using verb = verb_of<Interface, Request>;

  template <class Self>
  static void take(Self* self, Request x, std::uint64_t client) {
    auto msg = std::make_shared<Request>(std::move(x));
    auto item = item_of<verb>(msg, client);
    item.ask = [self, msg, client](const caf::actor& owner, const proxy_core::outcome&) {
      auto to = caf::actor_cast<Interface>(owner);
      if (auto stand_in = self->state.core->stand_in_of(client))
        give(stand_in,
             [=](caf::event_based_actor* as, deadlines&) { as->send(to, std::move(*msg)); });
      else
        caf::anon_send(to, std::move(*msg));
    };
    self->state.core->take(std::move(item));
  }

  template <class Self>
  static auto handler(Self* self) {
    return [self](Request& x) {
      auto client = client_of<verb>(self);
      if constexpr (std::same_as<Request, mail::v1::CloseMaildrop>)
        end_update(self, client);
      take(self, std::move(x), client);
    };
  }
};

/// Notes of an owner to itself; the proxy's own is the tick.
template <class Interface, class... Notes>
struct line<Interface, caf::typed_mpi<caf::detail::type_list<Notes...>, caf::output_tuple<void>>> {
  template <class Self>
  static auto handler(Self* self) {
    return [self](const Notes&...) {
      if constexpr (std::same_as<caf::detail::type_list<Notes...>,
                                 caf::detail::type_list<caf::tick_atom>>)
        self->state.core->look();
    };
  }
};

// -- locks ------------------------------------------------------------------------

using opening =
  line<mailbox_shard_actor, caf::typed_mpi<caf::detail::type_list<mail::v1::OpenMaildrop>,
                                           caf::output_tuple<mail::v1::Maildrop>>>;
using closing =
  line<mailbox_shard_actor,
       caf::typed_mpi<caf::detail::type_list<mail::v1::CloseMaildrop>, caf::output_tuple<void>>>;

template <class Self>
void begin_update(Self* self, std::uint64_t client, const mail::v1::Update& msg) {
  if (auto found = self->state.drops.find(client); found != self->state.drops.end())
    found->second.going.assign(msg.uid().begin(), msg.uid().end());
}

/// The owner has unlocked it, or never will.
template <class Self>
void end_update(Self* self, std::uint64_t client) {
  self->state.core->remove_lock(client);
  self->state.drops.erase(client);
}

template <class Self>
void give_back(Self* self, std::uint64_t client, std::int64_t account_id) {
  mail::v1::CloseMaildrop msg;
  msg.set_account_id(account_id);
  closing::take(self, std::move(msg), client);
}

/// Asks the next owner for the lock that the one before has given; it is the same lock only if
/// nobody else has had it meanwhile, and changed what is there.
template <class Self>
void renew(Self* self, std::uint64_t client) {
  auto& core = *self->state.core;
  auto drop = self->state.drops.find(client);
  if (drop == self->state.drops.end())
    return core.remove_lock(client);
  auto account_id = drop->second.account_id;
  auto msg = std::make_shared<mail::v1::OpenMaildrop>();
  msg->set_account_id(account_id);
  auto asked = std::make_shared<std::int64_t>(0);
  auto item = opening::item(self, msg, client, [=](const result<mail::v1::Maildrop>& got) {
    auto is_open = got && got->status() == mail::v1::Maildrop::OPEN;
    auto known = self->state.drops.find(client);
    auto is_same = is_open && known != self->state.drops.end() && known->second.is_unchanged(*got);
    if (is_open && !is_same)
      give_back(self, client, account_id);
    if (!is_same)
      self->state.drops.erase(client);
    self->state.core->lock_renewed(client, is_same ? std::optional{*asked} : std::nullopt);
  });
  item.lock = lock_use::none;
  item.asked = asked;
  core.take(std::move(item));
}

template <class Self>
void on_opened(Self* self, std::uint64_t client, const mail::v1::OpenMaildrop& msg,
               std::int64_t epoch, const result<mail::v1::Maildrop>& got) {
  if (!got || got->status() != mail::v1::Maildrop::OPEN || client == 0)
    return;
  self->state.drops.insert_or_assign(client, open_drop::of(msg.account_id(), *got));
  self->state.core->add_lock(client, epoch, [self, client] { renew(self, client); });
}

template <class Interface>
using pointer = typename Interface::template stateful_pointer<proxy_state>;

template <class Interface>
typename Interface::behavior_type proxy(pointer<Interface> self, shard_id stands_for,
                                        std::shared_ptr<proxy_parts> parts) {
  self->state.core.emplace(self, stands_for, std::move(parts));
  self->set_down_handler([self](const caf::down_msg& msg) {
    if (auto client = self->state.core->on_down(msg.source))
      self->state.drops.erase(client);
  });
  return [self]<class... Lines>(caf::detail::type_list<Lines...>) {
    return typename Interface::behavior_type{line<Interface, Lines>::handler(&*self)...};
  }(typename Interface::signatures{});
}

template <class Interface>
Interface spawn_proxy(caf::actor_system& sys, shard_id stands_for,
                      std::shared_ptr<proxy_parts> parts) {
  return sys.spawn(proxy<Interface>, stands_for, std::move(parts));
}

// FANOUT has no shard and no view to wait for.
struct fanout_proxy_state {
  static inline const char* name = "fanout-proxy";
  deadlines limits;
};

constexpr std::chrono::seconds fanout_patience{15};

fanout_actor::behavior_type fanout_proxy(fanout_actor::stateful_pointer<fanout_proxy_state> self,
                                         incarnation of, std::shared_ptr<proxy_parts> parts) {
  using verb = verb_of<fanout_actor, chat::v1::Publish>;
  return {[self, of, parts](const chat::v1::Publish& x) -> caf::result<chat::v1::Reply> {
    auto promise = self->make_response_promise<chat::v1::Reply>();
    auto then = [promise](result<reply> got) mutable {
      auto with = got ? std::move(*got) : reply{};
      if (with.what != delivery::ok && with.what != delivery::failed)
        with.code = with.what == delivery::busy ? errc::busy : errc::shutting_down;
      settle_with(promise, with);
    };
    command out;
    out.epoch = of;
    out.id = {parts->where->me(), next_number()};
    out.left = fanout_patience;
    out.type = verb::number;
    out.payload = x.SerializeAsString();
    parts->out->send(of, std::move(out),
                     [answer = resume<reply>(static_cast<caf::scheduled_actor*>(&*self),
                                             self->state.limits, fanout_patience, std::move(then))](
                       reply with) { answer(std::move(with)); });
    return promise;
  }};
}

} // namespace

account_actor spawn_account_proxy(caf::actor_system& sys, std::int32_t number,
                                  std::shared_ptr<proxy_parts> parts) {
  return spawn_proxy<account_actor>(sys, {shard_kind::account, number}, std::move(parts));
}
mailbox_shard_actor spawn_mailbox_proxy(caf::actor_system& sys, std::int32_t number,
                                        std::shared_ptr<proxy_parts> parts) {
  return spawn_proxy<mailbox_shard_actor>(sys, {shard_kind::mailbox, number}, std::move(parts));
}
queue_actor spawn_queue_proxy(caf::actor_system& sys, std::int32_t number,
                              std::shared_ptr<proxy_parts> parts) {
  return spawn_proxy<queue_actor>(sys, {shard_kind::queue, number}, std::move(parts));
}
chat_actor spawn_chat_proxy(caf::actor_system& sys, shard_kind kind, std::int32_t number,
                            std::shared_ptr<proxy_parts> parts) {
  return spawn_proxy<chat_actor>(sys, {kind, number}, std::move(parts));
}
fanout_actor spawn_fanout_proxy(caf::actor_system& sys, incarnation of,
                                std::shared_ptr<proxy_parts> parts) {
  return sys.spawn(fanout_proxy, of, std::move(parts));
}

} // namespace hamlet::cluster
