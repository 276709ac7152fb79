// SPDX-License-Identifier: Apache-2.0
#include "actors/mailbox/shard.hpp"
#include "tests/support/store_actor_test.hpp"

using namespace std::chrono_literals;

namespace hamlet {

using mail::v1::Maildrop;

class MailboxTest : public StoreActorTest {
protected:
  MailboxTest() { run(); }
  ~MailboxTest() override { end(shard); }

  template <class Msg>
  Msg of_ann(Msg msg = {}) const {
    msg.set_account_id(ann);
    return msg;
  }

  auto begin_open(const caf::scoped_actor& who) {
    return who->request(shard, patience, of_ann<mail::v1::OpenMaildrop>());
  }

  result<Maildrop> open(const caf::scoped_actor& who) {
    return ask<Maildrop>(who, shard, of_ann<mail::v1::OpenMaildrop>());
  }

  Maildrop::Status status(const caf::scoped_actor& who) { return open(who).value().status(); }

  result<mail::v1::Delivered> deliver() {
    return ask<mail::v1::Delivered>(shard, of_ann<mail::v1::Deliver>());
  }

  mail::v1::Update deletion(std::int64_t uid) const {
    auto msg = of_ann<mail::v1::Update>();
    msg.add_uid(uid);
    return msg;
  }

  void close(const caf::scoped_actor& who) {
    who->send(shard, of_ann<mail::v1::CloseMaildrop>());
    run();
  }

  void queue_mail(std::int64_t id) { ASSERT_TRUE(enqueue(mail(id, {ann}))); }

  mailbox_state& box() const {
    return deref<mailbox_state>(deref<mailbox_shard_state>(shard).mailboxes.at(ann).owner);
  }

  std::size_t mailboxes() const { return deref<mailbox_shard_state>(shard).mailboxes.size(); }

  std::int64_t ann = create("ann").value();
  live<mailbox_rules> rules{{0s, 300s}};
  mailbox_shard_actor shard = sys.spawn(mailbox_shard, program->mail, &rules, herald_actor{});
  caf::scoped_actor phone{sys}, laptop{sys};
};

// RFC 1939 §4: an exclusive-access lock
TEST_F(MailboxTest, OpensForOneAtATime) {
  EXPECT_EQ(status(phone), Maildrop::OPEN);
  EXPECT_EQ(status(laptop), Maildrop::IN_USE);
  EXPECT_EQ(status(phone), Maildrop::IN_USE);
}

TEST_F(MailboxTest, OwesNoAnswerWhenItsShardEnds) {
  auto opening = begin_open(phone);
  auto delivering = laptop->request(shard, patience, of_ann<mail::v1::Deliver>());
  turn(); // both wait for the store
  caf::anon_send_exit(shard, caf::exit_reason::user_shutdown);
  run();
  EXPECT_EQ(answer_to<Maildrop>(std::move(opening)).error().code, errc::shutting_down);
  EXPECT_EQ(answer_to<mail::v1::Delivered>(std::move(delivering)).error().code,
            errc::shutting_down);
}

TEST_F(MailboxTest, OpensAgainAfterItWasClosed) {
  status(phone);
  close(phone);
  EXPECT_EQ(status(laptop), Maildrop::OPEN);
}

TEST_F(MailboxTest, IsClosedByItsHolderOnly) {
  status(phone);
  close(laptop);
  EXPECT_EQ(status(laptop), Maildrop::IN_USE);
}

TEST_F(MailboxTest, OpensAgainWhenItsHolderDies) {
  {
    caf::scoped_actor gone{sys};
    EXPECT_EQ(status(gone), Maildrop::OPEN);
  }
  run();
  EXPECT_EQ(status(laptop), Maildrop::OPEN);
}

// RFC 1939 §6
TEST_F(MailboxTest, DeletesAndUnlocksWithTheUpdate) {
  queue_mail(1);
  auto uid = open(phone).value().uid(0);
  EXPECT_TRUE(ask<mail::v1::Updated>(phone, shard, deletion(uid)));
  EXPECT_EQ(open(laptop).value().uid_size(), 0);
}

TEST_F(MailboxTest, UnlocksWithoutTheStoreWhenNothingIsToBeDeleted) {
  status(phone);
  auto updating = phone->request(shard, patience, of_ann<mail::v1::Update>());
  turn(); // the store has not answered
  EXPECT_FALSE(box().holder);
  run();
  EXPECT_TRUE(answer_to<mail::v1::Updated>(std::move(updating)));
  EXPECT_EQ(status(laptop), Maildrop::OPEN);
}

TEST_F(MailboxTest, StaysLockedWhileAnUpdateBeforeRuns) {
  queue_mail(1);
  auto uid = open(phone).value().uid(0);
  auto first = phone->request(shard, patience, deletion(uid));
  auto second = phone->request(shard, patience, of_ann<mail::v1::Update>());
  turn(); // the store has not answered
  EXPECT_TRUE(box().holder);
  run();
  EXPECT_TRUE(answer_to<mail::v1::Updated>(std::move(first)));
  EXPECT_TRUE(answer_to<mail::v1::Updated>(std::move(second)));
}

TEST_F(MailboxTest, UpdatesForItsHolderOnly) {
  queue_mail(1);
  auto uid = open(phone).value().uid(0);
  auto refused = ask<mail::v1::Updated>(laptop, shard, deletion(uid));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::bad_request);
  EXPECT_EQ(list(ann).value().messages.size(), 1u);
  EXPECT_EQ(status(laptop), Maildrop::IN_USE);
}

TEST_F(MailboxTest, UpdatesNothingAfterItWasClosed) {
  queue_mail(1);
  auto uid = open(phone).value().uid(0);
  close(phone);
  EXPECT_FALSE(ask<mail::v1::Updated>(phone, shard, deletion(uid)));
}

// The lock of a client that dies while its maildrop opens is its own: what comes to an end later
// must not take the lock from the next.
TEST_F(MailboxTest, LateOpeningLeavesTheLockOfTheNext) {
  std::optional<caf::scoped_actor> gone{sys};
  begin_open(*gone);
  turn(); // the store has not answered
  gone.reset();
  auto pending = begin_open(laptop);
  run();
  EXPECT_EQ(answer_to<Maildrop>(std::move(pending)).value().status(), Maildrop::OPEN);
  EXPECT_EQ(status(phone), Maildrop::IN_USE);
}

TEST_F(MailboxTest, IsNotOpenedWhileTheUpdateOfADeadHolderRuns) {
  queue_mail(1);
  std::optional<caf::scoped_actor> gone{sys};
  auto uid = open(*gone).value().uid(0);
  (*gone)->request(shard, patience, deletion(uid));
  turn(); // the store has not answered
  gone.reset();
  turn();
  auto early = begin_open(laptop);
  run();
  EXPECT_EQ(answer_to<Maildrop>(std::move(early)).value().status(), Maildrop::IN_USE);
  auto later = open(laptop).value();
  EXPECT_EQ(later.status(), Maildrop::OPEN);
  EXPECT_EQ(later.uid_size(), 0);
}

TEST_F(MailboxTest, ShowsWhatIsQueuedWhenItOpens) {
  queue_mail(1);
  queue_mail(2);
  EXPECT_EQ(open(phone).value().uid_size(), 2);
}

TEST_F(MailboxTest, ReadsAMessageInParts) {
  queue_mail(1);
  auto drop = open(phone).value();
  auto msg = of_ann<mail::v1::ReadPart>();
  msg.set_uid(drop.uid(0));
  msg.set_at_most(12);
  EXPECT_EQ(ask<mail::v1::Part>(phone, shard, msg)->data(), "Return-Path:");
  msg.set_offset(static_cast<std::uint64_t>(drop.size(0)) - 7);
  EXPECT_EQ(ask<mail::v1::Part>(phone, shard, msg)->data(), "Hello\r\n");
  msg.set_uid(404);
  EXPECT_EQ(ask<mail::v1::Part>(phone, shard, msg).error().code, errc::not_found);
}

// RFC 2449 §6.5
TEST_F(MailboxTest, MakesClientsWaitBetweenSessions) {
  rules.set({60s, 300s});
  EXPECT_EQ(status(phone), Maildrop::OPEN);
  close(phone);
  pass(59s);
  EXPECT_EQ(status(laptop), Maildrop::TOO_SOON);
  pass(1s);
  EXPECT_EQ(status(laptop), Maildrop::OPEN);
}

TEST_F(MailboxTest, RemembersTheDelayWhenItIsIdle) {
  rules.set({1000s, 300s});
  status(phone);
  close(phone);
  pass(300s);
  pass(300s);
  EXPECT_EQ(status(laptop), Maildrop::TOO_SOON);
}

TEST_F(MailboxTest, AnswersDeliveriesWhenTheyAreDurable) {
  queue_mail(1);
  EXPECT_EQ(deliver()->messages(), 1);
  EXPECT_EQ(list(ann).value().messages.size(), 1u);
  EXPECT_EQ(deliver()->messages(), 0);
}

TEST_F(MailboxTest, ServesAllWhoAskMeanwhileWithOneLook) {
  queue_mail(1);
  auto first = phone->request(shard, patience, of_ann<mail::v1::Deliver>());
  turn();
  auto second = phone->request(shard, patience, of_ann<mail::v1::Deliver>());
  auto third = laptop->request(shard, patience, of_ann<mail::v1::Deliver>());
  turn();
  EXPECT_EQ(box().running.size(), 1u);
  EXPECT_EQ(box().waiting.size(), 2u);
  run();
  EXPECT_EQ(answer_to<mail::v1::Delivered>(std::move(first))->messages(), 1);
  EXPECT_TRUE(answer_to<mail::v1::Delivered>(std::move(second)));
  EXPECT_TRUE(answer_to<mail::v1::Delivered>(std::move(third)));
}

// RFC 3461 §4.1: the success report is written once, whoever has collected the message
TEST_F(MailboxTest, ReportsWhatTheOpeningHasCollected) {
  auto m = mail(1, {ann});
  m.to[0].notify = 2;
  ASSERT_TRUE(enqueue(m));
  open(phone);
  auto done = deliver().value();
  ASSERT_EQ(done.notices_size(), 1);
  EXPECT_EQ(done.notices(0).recipient(), m.to[0].address);
  EXPECT_EQ(deliver()->notices_size(), 0);
}

TEST_F(MailboxTest, EndsWhenItIsIdle) {
  deliver();
  EXPECT_EQ(mailboxes(), 1u);
  pass(299s);
  EXPECT_EQ(mailboxes(), 1u);
  pass(300s);
  EXPECT_EQ(mailboxes(), 0u);
}

TEST_F(MailboxTest, StaysWhileSomebodyHoldsIt) {
  status(phone);
  pass(300s);
  pass(300s);
  EXPECT_EQ(status(laptop), Maildrop::IN_USE);
}

// Two MAILBOXes of one account would be two locks.
TEST_F(MailboxTest, StaysWhenAMessageIsOnItsWay) {
  deliver();
  auto& state = deref<mailbox_shard_state>(shard);
  auto owner = state.mailboxes.at(ann).owner;
  state.on_idle(ann, state.mailboxes.at(ann).passed_on - 1); // it has counted one fewer
  run();
  EXPECT_EQ(state.mailboxes.at(ann).owner, owner);
}

TEST_F(MailboxTest, StartsAgainAfterItDied) {
  status(phone);
  end(deref<mailbox_shard_state>(shard).mailboxes.at(ann).owner,
      caf::exit_reason::unhandled_exception);
  EXPECT_EQ(status(laptop), Maildrop::OPEN);
  EXPECT_FALSE(ask<mail::v1::Updated>(phone, shard, deletion(1))); // the old lock went with it
}

} // namespace hamlet
