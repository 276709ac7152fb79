// SPDX-License-Identifier: Apache-2.0
#include "tests/gateway/link/support.hpp"

#include <gtest/gtest.h>

#include <future>

namespace hamlet::link {

namespace {

using cluster::link_down;
using cluster::link_refused;
using cluster::link_unreachable;
using cluster::link_up;

class Links : public ::testing::Test {
protected:
  pki::authority ca = *pki::authority::make("tea", unix_seconds());

  std::unique_ptr<test_node> node(std::int64_t id, std::int64_t incarnation,
                                  cluster::on_command serve = {},
                                  const std::string& listen = "127.0.0.1:0") {
    return std::make_unique<test_node>(id, incarnation,
                                       identity_of(ca, "node" + std::to_string(id)), quick_rules(),
                                       std::move(serve), listen);
  }
};

TEST_F(Links, TwoNodesAskEachOther) {
  auto a = node(1, 10), b = node(2, 20);
  introduce({a.get(), b.get()});
  ASSERT_TRUE(a->waits_for_link(*b));
  ASSERT_TRUE(b->waits_for_link(*a));
  answers got;
  a->on->send(20, command_of("to b"), got.next());
  b->on->send(10, command_of("to a"), got.next());
  for (auto& x : got.wait(2))
    EXPECT_EQ(x.what, delivery::ok);
  EXPECT_EQ(a->heard().at(0).payload, "to a");
  EXPECT_EQ(b->heard().at(0).payload, "to b");
}

TEST_F(Links, ThreeNodesHaveThreeStreams) {
  auto a = node(1, 10), b = node(2, 20), c = node(3, 30);
  introduce({a.get(), b.get(), c.get()});
  for (auto* x : {a.get(), b.get(), c.get()})
    for (auto* y : {a.get(), b.get(), c.get()})
      ASSERT_TRUE(x == y || x->waits_for_link(*y));
  answers got;
  for (auto* x : {a.get(), b.get(), c.get()})
    for (auto* y : {a.get(), b.get(), c.get()})
      if (x != y)
        x->on->send(y->incarnation, command_of(x->name), got.next());
  EXPECT_EQ(got.wait(6).size(), 6u);
  for (auto* x : {a.get(), b.get(), c.get()})
    EXPECT_EQ(x->count<link_up>(), 2u); // and no more
}

TEST_F(Links, ManyCommandsKeepTheirOrder) {
  auto a = node(1, 10), b = node(2, 20);
  introduce({a.get(), b.get()});
  ASSERT_TRUE(a->waits_for_link(*b));
  answers got;
  constexpr std::size_t many = 3000;
  for (std::size_t i = 0; i < many; ++i)
    a->on->send(20, command_of(std::string(i % 100, 'x'), i), got.next());
  for (auto& x : got.wait(many))
    ASSERT_EQ(x.what, delivery::ok);
  auto heard = b->heard();
  ASSERT_EQ(heard.size(), many);
  for (std::size_t i = 0; i < many; ++i)
    ASSERT_EQ(heard[i].id.counter, i);
}

TEST_F(Links, LargePayloadsPass) {
  auto a = node(1, 10), b = node(2, 20);
  introduce({a.get(), b.get()});
  ASSERT_TRUE(a->waits_for_link(*b));
  answers got;
  auto large = std::string(rules{}.max_payload, 'x');
  for (int i = 0; i < 4; ++i) // 16 MiB; the window is 8
    a->on->send(20, command_of(large), got.next());
  auto all = got.wait(4);
  ASSERT_EQ(all.size(), 4u);
  EXPECT_EQ(all[0].payload.size(), large.size());
  a->on->send(20, command_of(large + 'x'), got.next());
  EXPECT_EQ(got.wait(5).at(4).what, delivery::busy);
}

TEST_F(Links, WithoutALinkNothingIsSent) {
  auto a = node(1, 10), b = node(2, 20);
  introduce({a.get(), b.get()});
  ASSERT_TRUE(a->waits_for_link(*b));
  answers got;
  a->on->send(21, command_of("to a later start of b"), got.next());
  EXPECT_EQ(got.wait(1).at(0).what, delivery::unreachable);
  EXPECT_TRUE(a->on->is_up(20));
  EXPECT_FALSE(a->on->is_up(21));
}

TEST_F(Links, AStalledPeerHoldsAWindowAndAQueue) {
  std::mutex mutex;
  std::vector<on_reply> held;
  auto a = node(1, 10);
  auto b = node(2, 20, [&](std::int64_t, command, on_reply answer) {
    std::lock_guard lock{mutex};
    held.push_back(std::move(answer));
  });
  introduce({a.get(), b.get()});
  ASSERT_TRUE(a->waits_for_link(*b));
  answers got;
  rules limits;
  std::size_t sent = 0;
  std::size_t busy = 0;
  while (busy == 0) {
    a->on->send(20, command_of(std::string(100, 'x')), [&, next = got.next()](reply x) {
      busy += x.what == delivery::busy;
      next(std::move(x));
    });
    ASSERT_LE(++sent, limits.window + limits.queue + 1);
  }
  EXPECT_GE(sent, limits.queue);
  for (std::size_t done = 0; done < sent - 1;) { // let it go on: nothing was lost
    std::vector<on_reply> some;
    {
      std::lock_guard lock{mutex};
      some.swap(held);
    }
    for (auto& x : some)
      x({delivery::ok, 0, 0, {}, errc::none, {}});
    done += some.size();
    if (some.empty())
      std::this_thread::yield();
  }
  auto all = got.wait(sent);
  EXPECT_EQ(std::ranges::count(all, delivery::ok, &reply::what),
            static_cast<std::ptrdiff_t>(sent - 1));
}

TEST_F(Links, WhatIsUnansweredAtTheEndIsLost) {
  auto a = node(1, 10);
  std::promise<on_reply> held;
  auto b =
    node(2, 20, [&](std::int64_t, command, on_reply answer) { held.set_value(std::move(answer)); });
  introduce({a.get(), b.get()});
  ASSERT_TRUE(a->waits_for_link(*b));
  answers got;
  a->on->send(20, command_of("x"), got.next());
  auto answer = held.get_future().get();
  b.reset();
  EXPECT_EQ(got.wait(1).at(0).what, delivery::lost);
  ASSERT_TRUE(a->waits_for<link_down>());
  a->on->send(20, command_of("x"), got.next());
  EXPECT_EQ(got.wait(2).at(1).what, delivery::unreachable);
  answer({}); // too late, and no harm
}

TEST_F(Links, APeerThatComesBackIsLinkedAgain) {
  auto a = node(1, 10), b = node(2, 20);
  introduce({a.get(), b.get()});
  ASSERT_TRUE(b->waits_for_link(*a));
  auto listen = a->address();
  a.reset();
  ASSERT_TRUE(b->waits_for<link_down>());
  ASSERT_TRUE(b->waits_for<link_unreachable>([](auto& x) { return x.refused; }));
  a = node(1, 11, {}, listen); // b's table still has the old start
  a->on->set_peers({b->row()});
  ASSERT_TRUE(b->waits_for_link(*a));
  answers got;
  b->on->send(10, command_of("for the old start"), got.next());
  b->on->send(11, command_of("for the new one"), got.next());
  auto all = got.wait(2);
  EXPECT_EQ(all.at(0).what, delivery::unreachable);
  EXPECT_EQ(all.at(1).what, delivery::ok);
  ASSERT_TRUE(a->waits_for_commands(1));
  EXPECT_EQ(a->heard().at(0).payload, "for the new one");
}

TEST_F(Links, ADialerThatComesBackReplacesItsOldStream) {
  auto a = node(1, 10), b = node(2, 20);
  introduce({a.get(), b.get()});
  ASSERT_TRUE(a->waits_for_link(*b));
  auto again = node(2, 21); // while the old one is still linked: a frozen process
  again->on->set_peers({a->row()});
  ASSERT_TRUE(a->waits_for_link(*again));
  ASSERT_TRUE(a->waits_for<link_down>([](auto& x) { return x.incarnation == 20; }));
  ASSERT_TRUE(b->waits_for<link_refused>(
    [](auto& x) { return x.by_peer && x.why == link_refused::reason::stale; }));
  EXPECT_FALSE(a->on->is_up(20)); // and b is refused from now on
  answers got;
  a->on->send(21, command_of("x"), got.next());
  EXPECT_EQ(got.wait(1).at(0).what, delivery::ok);
  ASSERT_TRUE(a->waits_for<link_refused>(
    [](auto& x) { return !x.by_peer && x.why == link_refused::reason::stale; }));
  EXPECT_FALSE(a->on->is_up(20));
}

TEST_F(Links, ANodeThatTheViewNamesNoMoreIsCutOff) {
  auto a = node(1, 10), b = node(2, 20);
  introduce({a.get(), b.get()});
  ASSERT_TRUE(a->waits_for_link(*b));
  ASSERT_TRUE(b->waits_for_link(*a));
  a->on->set_peers({});
  ASSERT_TRUE(a->waits_for<link_down>());
  ASSERT_TRUE(b->waits_for<link_down>());
}

TEST_F(Links, ViewsAreToldToAllWhoAreLinked) {
  auto a = node(1, 10), b = node(2, 20);
  introduce({a.get(), b.get()});
  ASSERT_TRUE(a->waits_for_link(*b));
  ASSERT_TRUE(b->waits_for_link(*a));
  b->on->tell_view(7);
  EXPECT_TRUE(a->waits_for<cluster::view_hint>(
    [](auto& x) { return x.version == 7 && x.incarnation == 20; }));
}

TEST_F(Links, ANodeThatJoinsAgainHasALaterNumber) {
  auto a = node(1, 0), b = node(2, 20);
  auto row = a->row();
  row.incarnation = 10;
  a->on->set_peers({row, b->row()}); // a knows not yet who it is
  b->on->set_peers({row, b->row()});
  ASSERT_TRUE(b->waits_for<link_refused>(
    [](auto& x) { return x.by_peer && x.why == link_refused::reason::leaving; }));
  EXPECT_EQ(b->count<link_up>(), 0u);
  for (std::int64_t born : {10, 11}) {
    a->on->introduce_as(born);
    ASSERT_TRUE(b->waits_for<link_up>([=](auto& x) { return x.incarnation == born; })) << born;
  }
  EXPECT_TRUE(b->waits_for<link_down>([](auto& x) { return x.incarnation == 10; }));
}

TEST_F(Links, AProbeTellsTheLivingFromTheGone) {
  using cluster::probe_answered;
  using cluster::reach;
  auto a = node(1, 10), b = node(2, 20), c = node(3, 30);
  introduce({a.get(), b.get(), c.get()});
  ASSERT_TRUE(a->waits_for_link(*b)); // a does not dial, and looks all the same
  auto finds = [](test_node& who, std::int64_t peer, reach what, std::int64_t by = 0) {
    return who.waits_for<probe_answered>(
      [=](auto& x) { return x.incarnation == peer && x.found == what && x.by == by; });
  };
  a->on->probe(20);
  EXPECT_TRUE(finds(*a, 20, reach::reached));
  EXPECT_EQ(b->count<link_refused>(), 0u); // b thinks nothing of it
  auto listen = b->address();
  b.reset();
  a->on->probe(20);
  EXPECT_TRUE(finds(*a, 20, reach::refused));
  a->on->probe(99);
  EXPECT_TRUE(finds(*a, 99, reach::silent));
  b = node(2, 21, {}, listen); // a later start answers: the old one is gone
  b->on->set_peers({a->row(), c->row()});
  c->on->probe(20);
  EXPECT_TRUE(finds(*c, 20, reach::refused));
}

TEST_F(Links, APeerLooksForAnother) {
  auto a = node(1, 10), b = node(2, 20);
  introduce({a.get(), b.get()});
  ASSERT_TRUE(a->waits_for_link(*b));
  ASSERT_TRUE(b->waits_for_link(*a));
  a->on->ask_probe(20, 30);
  ASSERT_TRUE(
    b->waits_for<cluster::probe_wanted>([](auto& x) { return x.incarnation == 30 && x.by == 10; }));
  b->on->tell_probe(10, 30, cluster::reach::refused);
  EXPECT_TRUE(a->waits_for<cluster::probe_answered>([](auto& x) {
    return x.incarnation == 30 && x.found == cluster::reach::refused && x.by == 20;
  }));
}

TEST_F(Links, TwoNodesCannotHaveOnePort) {
  auto a = node(1, 10);
  EXPECT_THROW(node(2, 20, {}, a->address()), std::runtime_error);
}

} // namespace

} // namespace hamlet::link
