// SPDX-License-Identifier: Apache-2.0
#include "tests/actors/cluster/proxy_fixture.hpp"

namespace hamlet::cluster {

namespace {

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

TEST_F(Proxy,
       ALockEndsWithTheNodeOfItsOwnerAtOnce) { // a node that stops waits for all of its actors
  two_owns();
  ask<mail::v1::Maildrop>(client, a, mail::v1::OpenMaildrop{});
  hear();
  EXPECT_TRUE(state().holder);
  caf::anon_send_exit(b.in, caf::exit_reason::kill);
  sched.run();
  EXPECT_FALSE(state().holder);
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
