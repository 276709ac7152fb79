// SPDX-License-Identifier: Apache-2.0
#include "actors/cluster/proxy.hpp"

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
};

/// What the owner has answered, as the answer to who asked.
template <class Reply>
void settle_with(caf::typed_response_promise<Reply>& promise, const reply& x) {
  Reply msg;
  if (x.what != delivery::ok)
    promise.deliver(to_caf({x.code == errc::none ? errc::timed_out : x.code, x.detail}));
  else if (!msg.ParseFromString(x.payload))
    promise.deliver(to_caf({errc::bad_message, "an answer that cannot be read"}));
  else
    promise.deliver(std::move(msg));
}

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

template <class Verb, class Self>
proxy_core::item item_of(Self* self, const std::shared_ptr<typename Verb::request>& msg) {
  proxy_core::item x;
  x.type = Verb::number;
  x.is_note = Verb::is_note;
  x.octets = msg->ByteSizeLong();
  x.payload = [msg] { return msg->SerializeAsString(); };
  if constexpr (std::same_as<typename Verb::request, chat::v1::Request>)
    x.at_most_once = is_speech(*msg);
  if constexpr (Verb::asked_by == asker::one)
    x.client = self->state.core->client_of(self->current_sender());
  return x;
}

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

  template <class Self>
  static auto handler(Self* self) {
    return [self](Request& x) -> caf::result<Reply> {
      auto msg = std::make_shared<Request>(std::move(x));
      auto item = item_of<verb>(self, msg);
      auto promise = self->template make_response_promise<Reply>();
      item.ask = [self, promise, msg, client = item.client](const caf::actor& owner,
                                                            proxy_core::outcome done) {
        auto then = [promise, done = std::move(done)](result<Reply> got) mutable {
          if (got)
            promise.deliver(std::move(*got));
          done(got ? error{} : got.error());
        };
        ask_here(self, client, owner, *msg, std::move(then));
      };
      item.settle = [promise, relay = self->state.core->relay()](const reply& with) mutable {
        if constexpr (std::same_as<Reply, chat::v1::Reply>)
          settle_behind_events(promise, relay, with);
        else
          settle_with(promise, with);
      };
      self->state.core->take(std::move(item));
      return promise;
    };
  }
};

template <class Interface, hamlet::wire::protobuf Request>
struct line<Interface, caf::typed_mpi<caf::detail::type_list<Request>, caf::output_tuple<void>>> {
  using verb = verb_of<Interface, Request>;

  template <class Self>
  static auto handler(Self* self) {
    return [self](Request& x) {
      auto msg = std::make_shared<Request>(std::move(x));
      auto item = item_of<verb>(self, msg);
      item.ask = [self, msg, client = item.client](const caf::actor& owner,
                                                   const proxy_core::outcome&) {
        auto to = caf::actor_cast<Interface>(owner);
        if (auto stand_in = self->state.core->stand_in_of(client))
          give(stand_in,
               [=](caf::event_based_actor* as, deadlines&) { as->send(to, std::move(*msg)); });
        else
          caf::anon_send(to, std::move(*msg));
      };
      self->state.core->take(std::move(item));
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

template <class Interface>
using pointer = typename Interface::template stateful_pointer<proxy_state>;

template <class Interface>
typename Interface::behavior_type proxy(pointer<Interface> self, shard_id stands_for,
                                        std::shared_ptr<proxy_parts> parts) {
  self->state.core.emplace(self, stands_for, std::move(parts));
  self->set_down_handler(
    [self](const caf::down_msg& msg) { self->state.core->on_down(msg.source); });
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
chat_actor node_doors::of(std::uint16_t node) {
  {
    std::shared_lock lock{mutex_};
    if (auto found = doors_.find(node); found != doors_.end())
      return found->second;
  }
  std::unique_lock lock{mutex_};
  auto& x = doors_[node];
  if (!x) {
    auto which = place_of_node(node);
    x = spawn_proxy<chat_actor>(sys_, which, parts_);
    if (is_closed_)
      caf::anon_send_exit(x, caf::exit_reason::user_shutdown);
    else
      parts_->where->watch(which, caf::actor_cast<caf::actor>(x));
  }
  return x;
}

void node_doors::close() {
  std::unique_lock lock{mutex_};
  is_closed_ = true;
  for (auto& [node, x] : doors_)
    caf::anon_send_exit(x, caf::exit_reason::user_shutdown);
}

fanout_actor spawn_fanout_proxy(caf::actor_system& sys, incarnation of,
                                std::shared_ptr<proxy_parts> parts) {
  return sys.spawn(fanout_proxy, of, std::move(parts));
}

void put_mail_proxies(caf::actor_system& sys, router::tables& into,
                      const std::shared_ptr<proxy_parts>& parts) {
  for (std::int32_t i = 0; i < static_cast<std::int32_t>(shard_count); ++i) {
    auto at = static_cast<std::size_t>(i);
    into.accounts[at] = spawn_account_proxy(sys, i, parts);
    into.mailboxes[at] = spawn_mailbox_proxy(sys, i, parts);
    auto& where = *parts->where;
    where.watch({shard_kind::account, i}, caf::actor_cast<caf::actor>(into.accounts[at]));
    where.watch({shard_kind::mailbox, i}, caf::actor_cast<caf::actor>(into.mailboxes[at]));
  }
}

void put_chat_proxies(caf::actor_system& sys, router::tables& into,
                      const std::shared_ptr<proxy_parts>& parts) {
  auto put = [&](auto& table, shard_kind kind) {
    for (std::int32_t i = 0; i < static_cast<std::int32_t>(shard_count); ++i) {
      auto& x = table[static_cast<std::size_t>(i)];
      x = spawn_chat_proxy(sys, kind, i, parts);
      parts->where->watch({kind, i}, caf::actor_cast<caf::actor>(x));
    }
  };
  put(into.nicks, shard_kind::nick);
  put(into.channels, shard_kind::channel);
}

} // namespace hamlet::cluster
