// SPDX-License-Identifier: Apache-2.0
#include "actors/cluster/inbox.hpp"
#include "actors/cluster/proxy.hpp"
#include "actors/cluster/verbs.hpp"
#include "tests/actors/cluster/asking.hpp"
#include "tests/actors/cluster/test_wire.hpp"

#include <caf/typed_event_based_actor.hpp>

using namespace std::chrono_literals;

namespace hamlet::cluster {

namespace {

using chat::v1::Reply;
using chat::v1::Request;

constexpr incarnation one = 10, two = 20, three = 30;
constexpr shard_id channels{shard_kind::channel, 3};

struct heard_state {
  std::vector<std::string> channels; ///< of the requests, in their order
};

/// Stands for a CHANNEL shard, or for RELAY where that takes what is a SESSION's.
chat_actor::behavior_type owner(chat_actor::stateful_pointer<heard_state> self, int) {
  return {[self](const Request& x) {
            self->state.channels.push_back(x.channel());
            Reply reply;
            reply.set_channel(x.channel());
            return reply;
          },
          [](caf::tick_atom) {}};
}

class ChatProxy : public AskingTest {
protected:
  struct node {
    node(ChatProxy& test, incarnation born)
        : me{born}, where{std::make_shared<places>()}, out{born, test.doors},
          parts{std::make_shared<proxy_parts>()}, nodes{test.sys, parts} {
      in = test.sys.spawn(inbox, std::shared_ptr<const places>{where}, parts->heard);
      test.doors[born] = into(in);
      parts->where = where;
      parts->out = &out;
      door = spawn_chat_proxy(test.sys, shard_kind::channel, channels.number, parts);
      where->watch(channels, caf::actor_cast<caf::actor>(door));
      channel = test.sys.spawn(owner, argument);
      relay = test.sys.spawn(owner, argument);
    }
    void sees(const view_ptr& x) const {
      where->publish(x, me);
      where->open({place_of_node(me / 10), me}, caf::actor_cast<caf::actor>(relay));
    }
    void owns(std::int64_t epoch) const {
      where->open({channels, epoch}, caf::actor_cast<caf::actor>(channel));
    }
    void end() {
      where->publish(std::make_shared<view>(), 0); // and it owns nothing any more
      where->forget_watchers();
      nodes.close();
      for (auto& x : {in, caf::actor_cast<caf::actor>(door), caf::actor_cast<caf::actor>(channel),
                      caf::actor_cast<caf::actor>(relay)})
        caf::anon_send_exit(x, caf::exit_reason::user_shutdown);
    }

    incarnation me;
    std::shared_ptr<places> where;
    test_wire out;
    std::shared_ptr<proxy_parts> parts;
    node_doors nodes;
    caf::actor in;
    chat_actor door, channel, relay;
  };

  ChatProxy() { sched.run(); }
  ~ChatProxy() override {
    for (auto* x : {&a, &b, &c})
      x->end();
    doors.clear();
    sched.run();
  }

  static view_ptr view_of(incarnation owner, std::int64_t epoch,
                          std::initializer_list<incarnation> living = {one, two, three}) {
    auto x = std::make_shared<view>();
    x->version = epoch;
    for (auto born : living) {
      auto& n = x->nodes.emplace_back();
      n.node_id = born / 10;
      n.born = born;
      n.state = node_state::up;
    }
    auto& s = x->shards.emplace_back();
    s.id = channels;
    s.owner = owner;
    s.epoch = epoch;
    return x;
  }
  void all_see(const view_ptr& x) {
    for (auto* n : {&a, &b, &c})
      n->sees(x);
    sched.run();
  }

  static std::vector<std::string>& heard(const chat_actor& x) {
    using impl = std::remove_pointer_t<chat_actor::stateful_pointer<heard_state>>;
    return dynamic_cast<impl&>(*caf::actor_cast<caf::abstract_actor*>(x)).state.channels;
  }
  static Request say(const std::string& where) {
    Request x;
    x.set_channel(where);
    x.mutable_say()->mutable_message()->set_text("x");
    return x;
  }
  static Request join(const std::string& where) {
    Request x;
    x.set_channel(where);
    x.mutable_join();
    return x;
  }

  /// Of somebody whose latest answer stood behind this.
  static Request join_after(const std::string& where, incarnation of, std::uint64_t number) {
    auto x = join(where);
    auto& after = *x.mutable_origin()->add_after();
    after.set_incarnation(of);
    after.set_number(number);
    return x;
  }

  answer<Reply> ask(const chat_actor& to, Request what) {
    return AskingTest::ask<Reply>(client, to, std::move(what));
  }

  std::vector<delivery> ends;
  std::map<incarnation, on_command> doors;
  node a{*this, one}, b{*this, two}, c{*this, three};
  caf::scoped_actor client{sys};
};

TEST_F(ChatProxy, ANodeIsAskedForItsSessions) {
  all_see(view_of(two, 5));
  auto got = ask(a.nodes.of(2), join("#x"));
  hear();
  EXPECT_EQ((**got)->channel(), "#x");
  EXPECT_EQ(heard(b.relay), std::vector<std::string>{"#x"});
  ASSERT_EQ(a.out.sent.size(), 1u);
  EXPECT_EQ(a.out.sent[0].kind, node_kind);
  EXPECT_EQ(a.out.sent[0].number, 2);
  EXPECT_EQ(a.out.sent[0].epoch, two);
}

TEST_F(ChatProxy, ANodeThatIsGoneIsNotAskedUnderItsLaterName) {
  all_see(view_of(two, 5));
  a.out.is_cut = true;
  auto got = ask(a.nodes.of(2), join("#x"));
  a.sees(view_of(one, 6, {one, three})); // two has died
  sched.run();
  pass(510ms); // nobody else will be that node
  hear();
  EXPECT_EQ((*got)->error().code, errc::timed_out);
  EXPECT_TRUE(heard(b.relay).empty());
}

// Leave, MemberChanged and their likes are sent without anybody who waits.
TEST_F(ChatProxy, ANoteThatHadToWaitReachesAnOwnerHere) {
  all_see(view_of(0, 4));
  caf::anon_send(a.door, join("#x"));
  sched.run();
  a.owns(5);
  all_see(view_of(one, 5));
  pass(200ms);
  EXPECT_EQ(heard(a.channel), std::vector<std::string>{"#x"});
}

TEST_F(ChatProxy, WhatWasSaidIsNotSaidAgainAtAnotherOwner) {
  all_see(view_of(two, 5));
  b.owns(5);
  a.out.loses_answers = true;
  auto said = ask(a.door, say("#x"));
  auto joined = ask(a.door, join("#y"));
  a.out.cut();
  a.out.is_cut = a.out.loses_answers = false;
  c.owns(6);
  all_see(view_of(three, 6, {one, three}));
  pass(200ms);
  hear();
  EXPECT_FALSE((*said)->has_value());
  EXPECT_EQ((**joined)->channel(), "#y");
  EXPECT_EQ(heard(b.channel), (std::vector<std::string>{"#x", "#y"}));
  EXPECT_EQ(heard(c.channel), std::vector<std::string>{"#y"});
}

TEST_F(ChatProxy, WhatIsAskedWaitsForWhatHasCausedIt) {
  all_see(view_of(two, 5));
  b.owns(5);
  b.parts->heard->set(three, 1);
  auto asked = ask(a.door, join_after("#x", three, 4));
  auto of_another = join("#y");
  of_another.set_session_id(2);
  auto other = ask(a.door, of_another);
  EXPECT_EQ(heard(b.channel), std::vector<std::string>{"#y"});
  b.parts->heard->set(three, 4);
  sched.run();
  EXPECT_EQ(heard(b.channel).size(), 1u) << "the fourth is wanted next";
  b.parts->heard->set(three, 5);
  hear();
  EXPECT_EQ(heard(b.channel), (std::vector<std::string>{"#y", "#x"}));
  EXPECT_TRUE((*asked)->has_value());
  EXPECT_TRUE((*other)->has_value());
}

TEST_F(ChatProxy, WhatIsAskedDoesNotWaitForANodeThatIsNotHeard) {
  all_see(view_of(two, 5));
  b.owns(5);
  b.parts->heard->set(three, 1);
  auto first = ask(a.door, join_after("#x", three, 4));
  pass(2'400ms);
  EXPECT_TRUE(heard(b.channel).empty());
  pass(200ms);
  EXPECT_EQ(heard(b.channel).size(), 1u);
  auto second = ask(a.door, join_after("#x", three, 4));
  EXPECT_EQ(heard(b.channel).size(), 2u) << "it is known to be silent";
  pass(31s);
  auto third = ask(a.door, join_after("#x", three, 4));
  EXPECT_EQ(heard(b.channel).size(), 2u);
  b.parts->heard->keep_only({}); // it is dead
  sched.run();
  EXPECT_EQ(heard(b.channel).size(), 3u);
  hear();
}

TEST_F(ChatProxy, WhatComesOfTheSameSessionKeepsItsOrder) {
  all_see(view_of(two, 5));
  b.owns(5);
  b.parts->heard->set(three, 1);
  auto asked = [](Request x, std::int64_t session) {
    x.set_session_id(session);
    return x;
  };
  auto first = ask(a.door, asked(join_after("#x", three, 4), 7));
  auto leave = asked(Request{}, 7);
  leave.set_channel("#y");
  leave.mutable_leave();
  caf::anon_send(a.door, leave);
  auto other = ask(a.door, asked(join("#z"), 8));
  auto last = ask(a.door, asked(join_after("#l", three, 2), 7));
  EXPECT_EQ(heard(b.channel), std::vector<std::string>{"#z"}) << "others do not wait";
  b.parts->heard->set(three, 3);
  sched.run();
  EXPECT_EQ(heard(b.channel).size(), 1u);
  b.parts->heard->set(three, 5);
  hear();
  EXPECT_EQ(heard(b.channel), (std::vector<std::string>{"#z", "#x", "#y", "#l"}));
}

TEST_F(ChatProxy, WhatHasFailedForItsAuthorIsNotDone) {
  all_see(view_of(two, 5));
  b.owns(5);
  b.parts->heard->set(three, 1);
  auto send = [&](std::chrono::milliseconds left, std::uint64_t number) {
    command x;
    x.kind = static_cast<std::int32_t>(channels.kind);
    x.number = channels.number;
    x.epoch = 5;
    x.id = {one, number};
    x.left = left;
    x.type = verb_of<chat_actor, Request>::number;
    x.payload = join_after("#x", three, 4).SerializeAsString();
    doors[two](one, std::move(x), [&](const reply& with) { ends.push_back(with.what); });
    sched.run();
  };
  send(1s, 1);
  send(10ms, 2); // behind that
  pass(400ms);
  EXPECT_TRUE(ends.empty());
  pass(200ms); // half of its time
  EXPECT_EQ(ends, (std::vector{delivery::failed, delivery::ok}));
  EXPECT_EQ(heard(b.channel), std::vector<std::string>{"#x"});
}

TEST_F(ChatProxy, SoMuchWaitsOfANodeAndTheRestDoesNot) {
  all_see(view_of(two, 5));
  b.owns(5);
  b.parts->heard->set(three, 1);
  std::vector<answer<Reply>> all;
  for (auto i = 0; i < 300; ++i) {
    auto x = join_after("#x", three, 4);
    x.set_session_id(i);
    all.push_back(ask(a.door, x));
  }
  EXPECT_EQ(heard(b.channel).size(), 300u - 256u);
  auto again = join_after("#first", three, 4);
  again.set_session_id(3);
  all.push_back(ask(a.door, again));
  ASSERT_EQ(heard(b.channel).size(), 300u - 256u + 2u);
  EXPECT_EQ(heard(b.channel).back(), "#first") << "behind what waited of that session";
  b.parts->heard->set(three, 5);
  hear();
  EXPECT_EQ(heard(b.channel).size(), 301u);
}

TEST_F(ChatProxy, WhatWasSaidToNobodyIsSaidToTheNextOwner) {
  all_see(view_of(two, 5));
  b.owns(5);
  b.where->seal({channels, 5}); // answers BUSY
  auto said = ask(a.door, say("#x"));
  b.where->end({channels, 5}, three, 6);
  c.owns(6);
  all_see(view_of(three, 6));
  pass(200ms);
  hear();
  EXPECT_EQ((**said)->channel(), "#x");
  EXPECT_TRUE(heard(b.channel).empty());
}

TEST_F(ChatProxy, WhatWasSaidIsRepeatedToTheSameOwnerWhichKnowsItAgain) {
  all_see(view_of(two, 5));
  b.owns(5);
  a.out.loses_answers = true;
  auto said = ask(a.door, say("#x"));
  a.out.cut();
  sched.run();
  a.out.is_cut = a.out.loses_answers = false;
  a.where->links_changed();
  hear();
  EXPECT_EQ((**said)->channel(), "#x");
  EXPECT_EQ(heard(b.channel), std::vector<std::string>{"#x"});
}

} // namespace

} // namespace hamlet::cluster
