// SPDX-License-Identifier: Apache-2.0
#include "tests/actors/cluster/proxy_fixture.hpp"

namespace hamlet::cluster {

namespace {

using mail::v1::Maildrop;
using mail::v1::OpenMaildrop;
using mail::v1::Update;
using mail::v1::Updated;

// A lock that moves with its owner: RFC 1939 §4.
class Locks : public Proxy {
protected:
  Locks() {
    two_owns();
    for (auto* x : {&state(), &state_of(next)})
      x->uids = {1, 2};
  }

  Maildrop::Status open(caf::scoped_actor& who, const node& at) {
    auto got = ask<Maildrop>(who, at, OpenMaildrop{});
    hear();
    return (**got)->status();
  }

  errc update(caf::scoped_actor& who, const node& at) {
    auto got = ask<Updated>(who, at, deletion());
    pass(16s); // longer than anything waits
    hear();
    return **got ? errc::none : (*got)->error().code;
  }

  static Update deletion() {
    Update x;
    x.add_uid(2);
    return x;
  }
};

TEST_F(Locks, ANewOwnerElsewhereHasThemBeforeAnybodyAsks) {
  EXPECT_EQ(open(client, b), Maildrop::OPEN);
  one_takes_over(6);
  EXPECT_TRUE(state_of(next).holder);
  EXPECT_EQ(update(client, b), errc::none);
}

TEST_F(Locks, ANewOwnerHereHasThemBeforeAnybodyAsks) {
  EXPECT_EQ(open(client, a), Maildrop::OPEN);
  one_takes_over(6);
  EXPECT_TRUE(state_of(next).holder);
  EXPECT_EQ(update(client, a), errc::none);
}

TEST_F(Locks, OthersWaitUntilAllHaveHadTheirTurn) {
  EXPECT_EQ(open(client, a), Maildrop::OPEN);
  b.where->seal({mailboxes, 5});
  b.where->end({mailboxes, 5}, two, 6);
  b.owns(6, next);
  b.sees(view_of(two, 6, 2)); // a does not know yet
  auto here = ask<Maildrop>(other, b, OpenMaildrop{});
  pass(1s);
  EXPECT_FALSE(state_of(next).holder);
  a.sees(view_of(two, 6, 2));
  pass(500ms);
  EXPECT_TRUE(state_of(next).holder);
  pass(1s);
  hear();
  EXPECT_EQ((**here)->status(), Maildrop::IN_USE);
  EXPECT_EQ(update(client, a), errc::none);
}

TEST_F(Locks, OthersAreLetInWhenNobodyHadIt) {
  EXPECT_EQ(open(client, a), Maildrop::OPEN);
  EXPECT_EQ(update(client, a), errc::none);
  one_takes_over(6);
  auto got = ask<Maildrop>(other, b, OpenMaildrop{});
  pass(1s);
  EXPECT_FALSE(state_of(next).holder);
  pass(1s);
  hear();
  EXPECT_EQ((**got)->status(), Maildrop::OPEN);
}

TEST_F(Locks, OneWhoseMaildropWasChangedIsGivenBack) {
  state_of(next).uids = {2, 3};
  EXPECT_EQ(open(client, a), Maildrop::OPEN);
  one_takes_over(6);
  EXPECT_FALSE(state_of(next).holder);
  EXPECT_EQ(state_of(next).closed, 1);
  EXPECT_EQ(update(client, a), errc::bad_request);
}

TEST_F(Locks, OneThatSomebodyElseHasGotIsLost) {
  EXPECT_EQ(open(client, a), Maildrop::OPEN);
  state_of(next).holder = caf::actor_cast<caf::actor_addr>(other);
  one_takes_over(6);
  EXPECT_EQ(update(client, a), errc::bad_request);
  EXPECT_EQ(state_of(next).closed, 0);
}

TEST_F(Locks, AnUpdateGoesOnAtTheNextOwner) {
  EXPECT_EQ(open(client, a), Maildrop::OPEN);
  state().is_slow = true;
  auto got = ask<Updated>(client, a, deletion());
  EXPECT_EQ(state().updates.size(), 1u);
  one_takes_over(6);
  pass(1s); // what waits looks again, and not after its time
  hear();
  EXPECT_TRUE((*got)->has_value());
}

TEST_F(Locks, AnUpdateThatWasDoneIsNoChangeByOthers) {
  EXPECT_EQ(open(client, b), Maildrop::OPEN);
  state().is_slow = true;
  auto got = ask<Updated>(client, b, deletion());
  EXPECT_EQ(state().updates.size(), 1u);
  state_of(next).uids = {1}; // it could not say so any more
  one_takes_over(6);
  pass(1s); // what waits looks again, and not after its time
  hear();
  EXPECT_TRUE((*got)->has_value());
}

TEST_F(Locks, NobodyKeepsOneThatEndedWhileALinkWasCut) {
  {
    caf::scoped_actor brief{sys};
    EXPECT_EQ(open(brief, a), Maildrop::OPEN);
    a.out.is_cut = true;
    caf::anon_send(a.door, mail::v1::CloseMaildrop{});
  }
  sched.run();
  EXPECT_TRUE(state().holder);
  a.out.is_cut = false; // before the other side gives up whoever was here
  pass(17s);
  sched.run();
  EXPECT_FALSE(state().holder);
}

TEST_F(Locks, NobodyLeavesOneBehind) {
  {
    caf::scoped_actor brief{sys};
    EXPECT_EQ(open(brief, a), Maildrop::OPEN);
    b.where->seal({mailboxes, 5});
    b.where->end({mailboxes, 5}, two, 6);
    a.sees(view_of(two, 6, 2)); // asks in vain: it is not open yet
    b.sees(view_of(two, 6, 2));
    sched.run();
  }
  sched.run();
  b.owns(6, next);
  pass(3s);
  EXPECT_FALSE(state_of(next).holder);
}

TEST_F(Locks, OneThatIsGivenBackIsNotAskedForAgain) {
  EXPECT_EQ(open(client, a), Maildrop::OPEN);
  client->send(a.door, mail::v1::CloseMaildrop{});
  sched.run();
  one_takes_over(6);
  EXPECT_FALSE(state_of(next).holder);
}

} // namespace

} // namespace hamlet::cluster
