// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/cluster/inbox.hpp"
#include "actors/cluster/proxy.hpp"
#include "actors/cluster/verbs.hpp"
#include "actors/failure.hpp"
#include "actors/owed.hpp"
#include "tests/actors/cluster/asking.hpp"
#include "tests/actors/cluster/test_wire.hpp"

#include <caf/typed_event_based_actor.hpp>

using namespace std::chrono_literals;

namespace hamlet::cluster {

constexpr incarnation one = 10, two = 20;
constexpr shard_id mailboxes{shard_kind::mailbox, 7};

/// Stands for an owner: the lock of a maildrop, and what it was asked.
struct owner_state {
  caf::actor_addr holder;
  int delivered = 0, closed = 0;
  std::vector<std::string> order;
  errc refuses = errc::none;      ///< what Deliver is answered with
  bool is_slow = false;           ///< Deliver and Update are answered never
  std::vector<std::int64_t> uids; ///< what a maildrop shows
  std::vector<owed<mail::v1::Delivered>> unanswered;
  std::vector<owed<mail::v1::Updated>> updates;
};

inline mailbox_shard_actor::behavior_type
owner(mailbox_shard_actor::stateful_pointer<owner_state> self, int) {
  self->set_down_handler([self](const caf::down_msg& msg) {
    if (self->state.holder == msg.source)
      self->state.holder = nullptr;
  });
  auto asker = [self] { return caf::actor_cast<caf::actor_addr>(self->current_sender()); };
  return {[self](const mail::v1::Deliver& msg) -> caf::result<mail::v1::Delivered> {
            if (self->state.refuses != errc::none)
              return to_caf({self->state.refuses, "not by me"});
            if (self->state.is_slow)
              return self->state.unanswered.emplace_back(owe<mail::v1::Delivered>(self));
            self->state.order.push_back(std::to_string(msg.account_id()));
            mail::v1::Delivered x;
            x.set_messages(++self->state.delivered);
            return x;
          },
          [self, asker](const mail::v1::OpenMaildrop&) -> caf::result<mail::v1::Maildrop> {
            mail::v1::Maildrop x;
            x.set_status(self->state.holder ? mail::v1::Maildrop::IN_USE
                                            : mail::v1::Maildrop::OPEN);
            if (!self->state.holder) {
              self->state.holder = asker();
              self->monitor(self->state.holder);
              x.mutable_uid()->Add(self->state.uids.begin(), self->state.uids.end());
            }
            return x;
          },
          [](const mail::v1::ReadPart&) -> caf::result<mail::v1::Part> {
            return to_caf({errc::not_found, "no such message"});
          },
          [self, asker](const mail::v1::Update&) -> caf::result<mail::v1::Updated> {
            if (self->state.holder != asker())
              return to_caf({errc::bad_request, "not the holder"});
            if (self->state.is_slow)
              return self->state.updates.emplace_back(owe<mail::v1::Updated>(self));
            self->state.holder = nullptr;
            return mail::v1::Updated{};
          },
          [self, asker](const mail::v1::CloseMaildrop&) {
            ++self->state.closed;
            if (self->state.holder == asker())
              self->state.holder = nullptr;
          },
          [](caf::tick_atom) {},
          [](caf::flush_atom, std::int64_t, std::uint64_t) {}};
}

/// Two nodes, whose wire is a function call, and owners of one shard of mailboxes.
class Proxy : public AskingTest {
protected:
  struct node {
    node(Proxy& test, incarnation born)
        : me{born}, where{std::make_shared<places>(reads)}, out{born, test.doors} {
      reads->set(instant::max());
      in =
        test.sys.spawn(inbox, std::shared_ptr<const places>{where}, std::make_shared<heard_news>());
      test.doors[born] = into(in);
      auto parts = std::make_shared<proxy_parts>();
      parts->where = where;
      parts->out = &out;
      parts->read_view = [this] { ++views_wanted; };
      door = spawn_mailbox_proxy(test.sys, mailboxes.number, parts);
      where->watch(mailboxes, caf::actor_cast<caf::actor>(door));
    }
    void sees(const view_ptr& x) const { where->publish(x, me); }
    void owns(std::int64_t epoch, const mailbox_shard_actor& x) const {
      where->open({mailboxes, epoch}, caf::actor_cast<caf::actor>(x));
    }

    incarnation me;
    std::shared_ptr<read_permit> reads = std::make_shared<read_permit>();
    std::shared_ptr<places> where;
    test_wire out;
    caf::actor in;
    mailbox_shard_actor door;
    int views_wanted = 0;
  };

  Proxy() { sched.run(); }
  ~Proxy() override {
    for (auto* x : {&a, &b}) {
      x->where->end({mailboxes, 99}, 0, 0);
      x->where->forget_watchers();
      caf::anon_send_exit(x->in, caf::exit_reason::user_shutdown);
      caf::anon_send_exit(x->door, caf::exit_reason::user_shutdown);
    }
    for (auto* x : {&mailbox, &next})
      caf::anon_send_exit(*x, caf::exit_reason::user_shutdown);
    doors.clear();
    sched.run();
  }

  static view_ptr view_of(incarnation owner, std::int64_t epoch, std::int64_t version = 1) {
    auto x = std::make_shared<view>();
    x->version = version;
    for (auto born : {one, two}) {
      auto& n = x->nodes.emplace_back();
      n.node_id = born / 10;
      n.born = born;
      n.state = node_state::up;
    }
    auto& s = x->shards.emplace_back();
    s.id = mailboxes;
    s.owner = owner;
    s.epoch = epoch;
    return x;
  }

  /// Both see that two owns the shard, and it does.
  void two_owns(std::int64_t epoch = 5) {
    a.sees(view_of(two, epoch));
    b.sees(view_of(two, epoch));
    b.owns(epoch, mailbox);
    sched.run();
  }

  owner_state& state() { return state_of(mailbox); }
  static owner_state& state_of(const mailbox_shard_actor& x) {
    using impl = std::remove_pointer_t<mailbox_shard_actor::stateful_pointer<owner_state>>;
    return dynamic_cast<impl&>(*caf::actor_cast<caf::abstract_actor*>(x)).state;
  }

  /// The owner at two ends, as it does with a handover; one has another by then.
  void one_takes_over(std::int64_t epoch) {
    b.where->seal({mailboxes, epoch - 1});
    caf::anon_send_exit(mailbox, caf::exit_reason::user_shutdown);
    sched.run();
    b.where->end({mailboxes, epoch - 1}, one, epoch);
    a.owns(epoch, next);
    a.sees(view_of(one, epoch, 2));
    b.sees(view_of(one, epoch, 2));
    pass(200ms);
  }

  static mail::v1::Deliver deliver(std::int64_t account = 1) {
    mail::v1::Deliver x;
    x.set_account_id(account);
    return x;
  }

  template <class Answer, class Request>
  answer<Answer> ask(caf::scoped_actor& from, const node& at, Request msg) {
    return AskingTest::ask<Answer>(from, at.door, std::move(msg));
  }

  std::map<incarnation, on_command> doors;
  node a{*this, one}, b{*this, two};
  mailbox_shard_actor mailbox = sys.spawn(owner, argument), next = sys.spawn(owner, argument);
  caf::scoped_actor client{sys}, other{sys};
};

} // namespace hamlet::cluster
