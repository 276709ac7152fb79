// SPDX-License-Identifier: Apache-2.0
#include "storage/mail/collect.hpp"
#include "tests/support/mail_store.hpp"

namespace hamlet::sql {

/// Mail that an administrator holds.
class HeldMail : public MailStore {
protected:
  HeldMail() : alice{create("alice").value()}, bob{create("bob").value()} {}

  result<queue_details> hold(std::int64_t id, std::int64_t now = start + 5) {
    return wait<queue_details>([&](auto done) { program->queue.hold(id, now, done); });
  }
  result<queue_details> release(std::int64_t id) {
    return wait<queue_details>([&](auto done) { program->queue.release(id, done); });
  }
  result<void_t> drop(std::int64_t id) {
    return wait<void_t>([&](auto done) { program->queue.drop(id, done); });
  }
  std::vector<queue_entry> entries() {
    return wait<std::vector<queue_entry>>(
             [&](auto done) { program->queue.list(false, 0, 10, done); })
      .value();
  }
  std::vector<std::int64_t> accounts() {
    return wait<std::vector<std::int64_t>>(
             [&](auto done) { program->queue.accounts_with_mail(done); })
      .value();
  }
  std::int64_t delivered_to(std::int64_t account) {
    return static_cast<std::int64_t>(list(account)->messages.size());
  }

  std::int64_t alice, bob;
};

TEST_F(HeldMail, StaysWhereItIsUntilItIsReleased) {
  enqueue(mail(10, {alice, bob}));
  enqueue(mail(11, {alice}));
  auto held = hold(10);
  ASSERT_TRUE(held.has_value());
  EXPECT_EQ(held->entry.held_at, start + 5);
  EXPECT_EQ(held->entry.to.size(), 2u);
  EXPECT_EQ(accounts(), std::vector{alice});
  EXPECT_EQ(collect(alice)->messages, 1);
  EXPECT_EQ(collect(bob)->messages, 0);
  restart();
  EXPECT_EQ(accounts(), std::vector<std::int64_t>{});
  EXPECT_EQ(collect(alice)->messages, 0);
  auto left = entries();
  ASSERT_EQ(left.size(), 1u);
  EXPECT_EQ(left[0].held_at, start + 5);
  EXPECT_EQ(release(10)->entry.held_at, 0);
  EXPECT_EQ(accounts(), (std::vector{alice, bob}));
  EXPECT_EQ(collect(alice)->messages, 1);
  EXPECT_EQ(collect(bob)->messages, 1);
  EXPECT_EQ(delivered_to(alice), 2);
  EXPECT_EQ(entries().size(), 0u);
}

TEST_F(HeldMail, IsHeldSinceTheFirstTimeAndReleasedOnce) {
  enqueue(mail(10, {alice}));
  EXPECT_EQ(release(10)->entry.held_at, 0);
  hold(10);
  EXPECT_EQ(hold(10, start + 50)->entry.held_at, start + 5);
  release(10);
  EXPECT_EQ(release(10)->entry.held_at, 0);
  EXPECT_EQ(hold(10, start + 50)->entry.held_at, start + 50);
  EXPECT_EQ(hold(11).error().code, errc::not_found);
  EXPECT_EQ(release(11).error().code, errc::not_found);
  release(10);
  collect(alice);
  EXPECT_EQ(hold(10).error().code, errc::not_found); // it has arrived; its row waits for confirm()
  EXPECT_EQ(number("SELECT count(*) FROM queue"), 1);
}

TEST_F(HeldMail, IsNeverTooOld) {
  enqueue(mail(10, {alice}));
  hold(10);
  EXPECT_EQ(wait<std::int64_t>([&](auto done) {
              program->queue.expire_unconfirmed(start + 1'000'000'000, done);
            }).value(),
            0);
  confirm({10});
  release(10);
  EXPECT_EQ(collect(alice)->messages, 1);
  EXPECT_EQ(number("SELECT count(*) FROM queue"), 0);
}

TEST_F(HeldMail, CanBeDropped) {
  enqueue(mail(10, {alice}));
  hold(10);
  EXPECT_TRUE(drop(10).has_value());
  EXPECT_EQ(entries().size(), 0u);
  EXPECT_EQ(number("SELECT count(*) FROM body"), 0);
}

/// Two nodes, each with a writer of its own.
class PostgresHeldMail : public HeldMail {
protected:
  struct node {
    explicit node(PostgresHeldMail& test)
        : changes{test.open(), {}, {}}, queue{changes, test.program->views} {}
    writer changes;
    queue_repository queue;
  };

  std::int64_t waiting() { return number("SELECT count(*) FROM pg_locks WHERE NOT granted"); }

  database holder = open();
};

TEST_F(PostgresHeldMail, IsNotWhatABoxHasTakenAMomentBefore) {
  node there{*this};
  enqueue(mail(10, {alice}));
  ASSERT_TRUE(holder.begin().has_value());
  EXPECT_EQ(collect_mail(holder, alice, 100, start)->messages, 1);
  std::promise<result<queue_details>> held;
  there.queue.hold(10, start, [&](auto got) { held.set_value(std::move(got)); });
  while (waiting() < 1) {
  }
  ASSERT_TRUE(holder.commit().has_value());
  EXPECT_EQ(held.get_future().get().error().code, errc::not_found);
  EXPECT_EQ(delivered_to(alice), 1);
}

TEST_F(PostgresHeldMail, GoesToNoBoxThatTakesItAtTheSameMoment) {
  enqueue(mail(10, {alice}));
  enqueue(mail(11, {alice}));
  ASSERT_TRUE(holder.begin().has_value());
  ASSERT_TRUE(holder.run("UPDATE recipient SET held_at = 1 WHERE queue_id = 10").has_value());
  ASSERT_TRUE(holder.settle().has_value());
  std::promise<result<collected>> got;
  program->mail.collect(alice, 100, start, [&](auto x) { got.set_value(std::move(x)); });
  while (waiting() < 1) {
  }
  ASSERT_TRUE(holder.commit().has_value());
  EXPECT_EQ(got.get_future().get()->messages, 1);
  EXPECT_EQ(delivered_to(alice), 1);
  EXPECT_EQ(entries().at(0).queue_id, 10);
}

// What is thrown away while a box takes it is either there or gone, never both.
TEST_F(PostgresHeldMail, IsDroppedOrDeliveredButNotBoth) {
  node there{*this};
  enqueue(mail(10, {alice}));
  ASSERT_TRUE(holder.begin().has_value());
  EXPECT_EQ(collect_mail(holder, alice, 100, start)->messages, 1);
  std::promise<result<void_t>> dropped;
  there.queue.drop(10, [&](auto got) { dropped.set_value(std::move(got)); });
  while (waiting() < 1) {
  }
  ASSERT_TRUE(holder.commit().has_value());
  EXPECT_EQ(dropped.get_future().get().error().code, errc::not_found);
  EXPECT_EQ(delivered_to(alice), 1);
}

} // namespace hamlet::sql
