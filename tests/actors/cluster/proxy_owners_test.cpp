// SPDX-License-Identifier: Apache-2.0
#include "tests/actors/cluster/proxy_fixture.hpp"

namespace hamlet::cluster {

namespace {

// Owners on the node that asks, and owners that end.

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
    EXPECT_FALSE(state().holder); // as RFC 1939 §6 has it
    ask<mail::v1::Maildrop>(brief, b, mail::v1::OpenMaildrop{});
    hear();
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

} // namespace

} // namespace hamlet::cluster
