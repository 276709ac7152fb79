// SPDX-License-Identifier: Apache-2.0
#include "actors/cluster/inbox.hpp"
#include "actors/cluster/proxy.hpp"
#include "actors/cluster/verbs.hpp"
#include "actors/failure.hpp"
#include "actors/owed.hpp"
#include "tests/actors/cluster/test_wire.hpp"
#include "tests/support/actor_test.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <optional>

using namespace std::chrono_literals;

namespace hamlet::cluster {

namespace {

constexpr incarnation one = 10, two = 20;
constexpr shard_id mailboxes{shard_kind::mailbox, 7};

/// Stands for an owner: the lock of a maildrop, and what it was asked.
struct owner_state {
  caf::actor_addr holder;
  int delivered = 0, closed = 0;
  std::vector<std::string> order;
  errc refuses = errc::none; ///< what Deliver is answered with
  bool is_slow = false;      ///< Deliver is answered never
  std::vector<owed<mail::v1::Delivered>> unanswered;
};

mailbox_shard_actor::behavior_type owner(mailbox_shard_actor::stateful_pointer<owner_state> self,
                                         int) {
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
            }
            return x;
          },
          [](const mail::v1::ReadPart&) -> caf::result<mail::v1::Part> {
            return to_caf({errc::not_found, "no such message"});
          },
          [self, asker](const mail::v1::Update&) -> caf::result<mail::v1::Updated> {
            if (self->state.holder != asker())
              return to_caf({errc::bad_request, "not the holder"});
            return mail::v1::Updated{};
          },
          [self](const mail::v1::CloseMaildrop&) { ++self->state.closed; },
          [](caf::tick_atom) {},
          [](caf::flush_atom, std::int64_t, std::uint64_t) {}};
}

class Proxy : public ActorTest {
protected:
  struct node {
    node(Proxy& test, incarnation born)
        : me{born}, where{std::make_shared<places>(reads)}, out{born, test.doors} {
      reads->set(instant::max());
      in = test.sys.spawn(inbox, std::shared_ptr<const places>{where});
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

  /// A request of `from`, which the test waits for later.
  template <class Answer, class Request>
  std::shared_ptr<std::optional<result<Answer>>> ask(caf::scoped_actor& from, const node& at,
                                                     Request msg) {
    auto got = std::make_shared<std::optional<result<Answer>>>();
    pending_.push_back(
      [handle = from->request(at.door, caf::infinite, std::move(msg)), got]() mutable {
        handle.receive([&](Answer& x) { got->emplace(std::move(x)); },
                       [&](caf::error& err) { got->emplace(fail(code_of(err))); });
      });
    sched.run();
    return got;
  }
  /// Those who were asked have answered.
  void hear() {
    sched.run();
    for (auto& receive : std::exchange(pending_, {}))
      receive();
  }
  void pass(std::chrono::milliseconds time) {
    sched.clock().advance_time(time);
    sched.run();
  }

  std::map<incarnation, on_command> doors;
  node a{*this, one}, b{*this, two};
  mailbox_shard_actor mailbox = sys.spawn(owner, argument), next = sys.spawn(owner, argument);
  caf::scoped_actor client{sys}, other{sys};

private:
  std::vector<std::function<void()>> pending_;
};

TEST_F(Proxy, AnOwnerElsewhereAnswersAsOneHere) {
  two_owns();
  auto here = ask<mail::v1::Delivered>(client, b, deliver());
  auto there = ask<mail::v1::Delivered>(client, a, deliver());
  hear();
  EXPECT_EQ((**here)->messages(), 1);
  EXPECT_EQ((**there)->messages(), 2);
  ASSERT_EQ(a.out.sent.size(), 1u);
  EXPECT_TRUE(b.out.sent.empty());
  EXPECT_EQ(a.out.sent[0].epoch, 5);
  EXPECT_EQ(a.out.sent[0].id.origin, one);
}

TEST_F(Proxy, ErrorsTravelAsTheyAre) {
  two_owns();
  auto got = ask<mail::v1::Part>(client, a, mail::v1::ReadPart{});
  hear();
  EXPECT_EQ((*got)->error().code, errc::not_found);
}

TEST_F(Proxy, NotesPassToo) {
  two_owns();
  client->send(a.door, mail::v1::CloseMaildrop{});
  caf::anon_send(b.door, mail::v1::CloseMaildrop{});
  sched.run();
  EXPECT_EQ(state().closed, 2);
}

TEST_F(Proxy, WithoutAnOwnerACommandWaitsForOne) {
  a.sees(view_of(0, 4));
  auto got = ask<mail::v1::Delivered>(client, a, deliver());
  caf::anon_send(a.door, mail::v1::CloseMaildrop{});
  sched.run();
  EXPECT_TRUE(a.out.sent.empty());
  pass(14s);
  two_owns();
  hear();
  EXPECT_EQ((**got)->messages(), 1);
  EXPECT_EQ(state().closed, 1);
}

TEST_F(Proxy, ACommandThatFindsNoOwnerIsGivenUp) {
  a.sees(view_of(0, 4));
  auto got = ask<mail::v1::Delivered>(client, a, deliver());
  pass(15s + 10ms);
  hear();
  EXPECT_EQ((*got)->error().code, errc::timed_out);
}

TEST_F(Proxy, WhatWaitsForAShardHasABound) {
  a.sees(view_of(0, 4));
  std::vector<std::shared_ptr<std::optional<result<mail::v1::Delivered>>>> all;
  for (int i = 0; i < 65; ++i)
    all.push_back(ask<mail::v1::Delivered>(client, a, deliver(i)));
  two_owns();
  hear();
  for (int i = 0; i < 64; ++i)
    EXPECT_TRUE((*all[static_cast<std::size_t>(i)])->has_value()) << i;
  EXPECT_EQ((*all[64])->error().code, errc::busy);
  for (int i = 0; i < 64; ++i) // in their order
    EXPECT_EQ(state().order.at(static_cast<std::size_t>(i)), std::to_string(i));
}

TEST_F(Proxy, AnOwnerThatIsNotOpenYetIsAskedAgain) {
  a.sees(view_of(two, 5));
  b.sees(view_of(two, 5));
  auto got = ask<mail::v1::Delivered>(client, a, deliver());
  auto local = ask<mail::v1::Delivered>(client, b, deliver());
  EXPECT_EQ(state().delivered, 0);
  b.owns(5, mailbox);
  pass(200ms);
  hear();
  EXPECT_TRUE((*got)->has_value());
  EXPECT_TRUE((*local)->has_value());
}

TEST_F(Proxy, AnEpochThatHasPassedIsNotServed) {
  two_owns(6);
  a.sees(view_of(two, 5)); // a believes in an earlier reign
  auto got = ask<mail::v1::Delivered>(client, a, deliver());
  hear();
  EXPECT_EQ((**got)->messages(), 1);
  ASSERT_EQ(a.out.sent.size(), 2u);
  EXPECT_EQ(a.out.sent[0].epoch, 5);
  EXPECT_EQ(a.out.sent[1].epoch, 6); // as it was told
  EXPECT_GT(a.views_wanted, 0);
  b.where->end({mailboxes, 6}, 0, 0);
  a.sees(view_of(two, 7)); // and one that b knows nothing of
  auto later = ask<mail::v1::Delivered>(client, a, deliver());
  pass(16s);
  hear();
  EXPECT_EQ((*later)->error().code, errc::timed_out);
  EXPECT_EQ(state().delivered, 1);
}

TEST_F(Proxy, AShardThatHasMovedIsFollowed) {
  two_owns();
  b.where->seal({mailboxes, 5});
  auto got = ask<mail::v1::Delivered>(client, a, deliver());
  EXPECT_EQ(state().delivered, 0);
  b.where->end({mailboxes, 5}, one, 6); // to a, which has not read the view yet
  a.owns(6, mailbox);
  pass(200ms);
  EXPECT_GT(a.views_wanted, 0);
  a.sees(view_of(one, 6, 2));
  pass(200ms);
  hear();
  EXPECT_EQ((**got)->messages(), 1);
}

TEST_F(Proxy, ALostAnswerIsAskedForAgainAndNothingIsDoneTwice) {
  two_owns();
  a.out.loses_answers = true;
  auto got = ask<mail::v1::Delivered>(client, a, deliver());
  EXPECT_EQ(state().delivered, 1);
  a.out.cut();
  sched.run();
  a.out.is_cut = a.out.loses_answers = false;
  a.where->links_changed();
  hear();
  EXPECT_EQ((**got)->messages(), 1); // the first answer
  EXPECT_EQ(state().delivered, 1);
  ASSERT_GE(a.out.sent.size(), 2u);
  EXPECT_EQ(a.out.sent.front().id, a.out.sent.back().id);
}

TEST_F(Proxy, ACutLinkIsWaitedFor) {
  two_owns();
  a.out.is_cut = true;
  auto got = ask<mail::v1::Delivered>(client, a, deliver());
  pass(5s);
  EXPECT_EQ(a.out.sent.size(), 1u); // and not again and again
  a.out.is_cut = false;
  a.where->links_changed();
  hear();
  EXPECT_EQ((**got)->messages(), 1);
}

TEST_F(Proxy, EachAskerHasItsOwnLock) {
  two_owns();
  auto opened = ask<mail::v1::Maildrop>(client, a, mail::v1::OpenMaildrop{});
  auto in_use = ask<mail::v1::Maildrop>(other, a, mail::v1::OpenMaildrop{});
  auto stolen = ask<mail::v1::Updated>(other, a, mail::v1::Update{});
  auto updated = ask<mail::v1::Updated>(client, a, mail::v1::Update{});
  hear();
  EXPECT_EQ((**opened)->status(), mail::v1::Maildrop::OPEN);
  EXPECT_EQ((**in_use)->status(), mail::v1::Maildrop::IN_USE);
  EXPECT_EQ((*stolen)->error().code, errc::bad_request);
  EXPECT_TRUE((*updated)->has_value());
}

TEST_F(Proxy, ALockEndsWithItsAskerOnAnotherNode) {
  two_owns();
  {
    caf::scoped_actor brief{sys};
    ask<mail::v1::Maildrop>(brief, a, mail::v1::OpenMaildrop{});
    hear();
    EXPECT_TRUE(state().holder);
  }
  sched.run();
  EXPECT_FALSE(state().holder);
}

TEST_F(Proxy, ALockOutlivesAShortCutAndNoLongOne) {
  two_owns();
  ask<mail::v1::Maildrop>(client, a, mail::v1::OpenMaildrop{});
  hear();
  auto happens = [this](const link_event& x, std::chrono::milliseconds later) {
    tell(b.in, x);
    sched.run();
    pass(later);
  };
  happens(link_down{1, one, {}}, 14s);
  happens(link_up{1, one, {}, 1, 0}, 10s);
  EXPECT_TRUE(state().holder);
  happens(link_down{1, one, {}}, 14s);
  EXPECT_TRUE(state().holder);
  pass(1s + 10ms);
  EXPECT_FALSE(state().holder);
}

TEST_F(Proxy, ALockOfAnOwnerHereIsTheAskersToo) {
  two_owns();
  {
    caf::scoped_actor brief{sys};
    auto opened = ask<mail::v1::Maildrop>(brief, b, mail::v1::OpenMaildrop{});
    auto in_use = ask<mail::v1::Maildrop>(other, b, mail::v1::OpenMaildrop{});
    auto stolen = ask<mail::v1::Updated>(other, b, mail::v1::Update{});
    auto updated = ask<mail::v1::Updated>(brief, b, mail::v1::Update{});
    hear();
    EXPECT_EQ((**opened)->status(), mail::v1::Maildrop::OPEN);
    EXPECT_EQ((**in_use)->status(), mail::v1::Maildrop::IN_USE);
    EXPECT_EQ((*stolen)->error().code, errc::bad_request);
    EXPECT_TRUE((*updated)->has_value());
    EXPECT_TRUE(state().holder);
  }
  sched.run();
  EXPECT_FALSE(state().holder);
}

TEST_F(Proxy, WhatAnOwnerThatEndsHasNotAnsweredTheNextOneDoes) {
  two_owns();
  state().is_slow = true;
  auto here = ask<mail::v1::Delivered>(client, b, deliver());
  auto there = ask<mail::v1::Delivered>(other, a, deliver());
  EXPECT_EQ(state().unanswered.size(), 2u);
  one_takes_over(6);
  hear(); // and nobody has waited for the end of his time
  EXPECT_TRUE((*here)->has_value());
  EXPECT_TRUE((*there)->has_value());
  EXPECT_EQ(state_of(next).delivered, 2);
}

TEST_F(Proxy, WhatTheFenceRefusesGoesToTheNextOwner) {
  two_owns();
  state().refuses = errc::wrong_owner;
  auto here = ask<mail::v1::Delivered>(client, b, deliver());
  auto there = ask<mail::v1::Delivered>(other, a, deliver());
  pass(1s);
  EXPECT_GT(b.views_wanted, 0);
  one_takes_over(6);
  hear();
  EXPECT_TRUE((*here)->has_value());
  EXPECT_TRUE((*there)->has_value());
  EXPECT_EQ(state_of(next).delivered, 2);
}

TEST_F(Proxy, WhatNoOwnerTakesIsGivenUpInTime) {
  two_owns();
  state().refuses = errc::wrong_owner;
  auto got = ask<mail::v1::Delivered>(client, b, deliver());
  for (int i = 0; i < 151; ++i)
    pass(100ms);
  hear();
  EXPECT_EQ((*got)->error().code, errc::timed_out);
}

TEST_F(Proxy, OtherRefusalsOfAnOwnerHereAreTheAnswer) {
  two_owns();
  state().refuses = errc::over_quota;
  auto got = ask<mail::v1::Delivered>(client, b, deliver());
  hear();
  EXPECT_EQ((*got)->error().code, errc::over_quota);
}

TEST_F(Proxy, AnOwnerThatMayNoLongerReadIsNotAsked) {
  two_owns();
  b.reads->set(instant{0}); // its node is cut off from the store
  auto here = ask<mail::v1::Maildrop>(client, b, mail::v1::OpenMaildrop{});
  auto there = ask<mail::v1::Delivered>(other, a, deliver());
  pass(3s);
  EXPECT_FALSE(state().holder);
  EXPECT_EQ(state().delivered, 0);
  b.reads->set(instant::max());
  pass(200ms);
  hear();
  EXPECT_EQ((**here)->status(), mail::v1::Maildrop::OPEN);
  EXPECT_EQ((**there)->messages(), 1);
}

TEST_F(Proxy, AReignThatBeganAnewIsAskedAnew) {
  two_owns();
  state().is_slow = true;
  auto got = ask<mail::v1::Delivered>(client, a, deliver());
  b.owns(6, next); // the same node; the answer of the first owner is still owed
  a.sees(view_of(two, 6, 2));
  b.sees(view_of(two, 6, 2));
  pass(200ms);
  EXPECT_EQ(a.out.sent.back().epoch, 6);
  caf::anon_send_exit(mailbox, caf::exit_reason::user_shutdown);
  sched.run();
  pass(200ms);
  hear();
  EXPECT_TRUE((*got)->has_value());
}

TEST_F(Proxy, WhatCannotBeReadIsRefused) {
  two_owns();
  struct {
    std::uint32_t type;
    shard_kind kind;
    std::string payload;
  } cases[] = {{9999, shard_kind::mailbox, ""},
               {40, shard_kind::mailbox, "\xff\xff"},
               {10, shard_kind::mailbox, ""}}; // of an ACCOUNT
  for (auto& c : cases) {
    command x;
    x.kind = static_cast<std::int32_t>(c.kind);
    x.number = mailboxes.number;
    x.epoch = 5;
    x.type = c.type;
    x.payload = c.payload;
    std::optional<reply> got;
    doors[two](one, x, [&](reply with) { got = std::move(with); });
    sched.run();
    ASSERT_TRUE(got) << c.type;
    EXPECT_EQ(got->what, delivery::failed) << c.type;
    EXPECT_EQ(got->code, errc::bad_message) << c.type;
  }
  EXPECT_EQ(state().delivered, 0);
}

TEST_F(Proxy, StandsInTheTablesOfTheRouter) {
  auto tables = std::make_shared<router::tables>();
  auto parts = std::make_shared<proxy_parts>();
  parts->where = a.where;
  parts->out = &a.out;
  put_mail_proxies(sys, *tables, parts);
  put_chat_proxies(sys, *tables, parts);
  router owners{tables};
  EXPECT_TRUE(owners.account_of(std::string_view{"alice"}));
  EXPECT_TRUE(owners.mailbox_of(1));
  EXPECT_TRUE(owners.nick_of("alice"));
  a.where->forget_watchers();
  for (auto& x : tables->accounts)
    caf::anon_send_exit(x, caf::exit_reason::user_shutdown);
  for (auto& x : tables->mailboxes)
    caf::anon_send_exit(x, caf::exit_reason::user_shutdown);
  for (auto* table : {&tables->nicks, &tables->channels})
    for (auto& x : *table)
      caf::anon_send_exit(x, caf::exit_reason::user_shutdown);
}

TEST(Verbs, EachNumberHasOne) {
  EXPECT_TRUE(with_verb(40, []<class Verb>() {
    static_assert(
      std::same_as<typename Verb::interface, mailbox_shard_actor> || Verb::number != 40);
  }));
  EXPECT_FALSE(with_verb(0, []<class Verb>() {}));
}

} // namespace

} // namespace hamlet::cluster
