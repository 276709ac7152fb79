// SPDX-License-Identifier: Apache-2.0
#include "tests/support/mail_store.hpp"

#include <array>
#include <latch>
#include <mutex>

namespace hamlet::sql {

/// Nodes that take the same message in, each with a writer of its own.
class PostgresResends : public MailStore {
protected:
  using stored = std::promise<result<enqueued>>;

  struct node {
    explicit node(PostgresResends& test)
        : changes{test.open(), {}, {}}, queue{changes, test.program->views} {}
    writer changes;
    queue_repository queue;
  };

  new_mail message(std::int64_t id, const std::string& print) {
    auto m = mail(id, {account});
    m.fingerprint = print;
    return m;
  }

  static void take(node& at, const new_mail& m, stored& into) {
    at.queue.enqueue(m, 0, [&into](auto got) { into.set_value(std::move(got)); });
  }

  /// In one transaction: the first, then `between` (once), then the second.
  void take_both(node& at, const new_mail& first, const new_mail& second, stored& one, stored& two,
                 const std::function<void()>& between) {
    std::promise<void> ready;
    auto all_are_there = ready.get_future().share(); // outlives this function in the operation
    auto gathered = std::make_shared<std::once_flag>(), passed = std::make_shared<std::once_flag>();
    auto waits = [](auto once, std::function<void()> f) -> operation<std::int64_t> {
      return [once, f](database&) -> result<std::int64_t> {
        std::call_once(*once, f);
        return 0;
      };
    };
    auto nobody = [](const result<std::int64_t>&) {};
    at.changes.submit<std::int64_t>(waits(gathered, [all_are_there] { all_are_there.wait(); }),
                                    nobody);
    take(at, first, one);
    at.changes.submit<std::int64_t>(waits(passed, between), nobody);
    take(at, second, two);
    ready.set_value();
  }

  std::int64_t waiting() { return number("SELECT count(*) FROM pg_locks WHERE NOT granted"); }

  std::int64_t account = *create("ann");
};

// RFC 1047: who got no answer tries again, and the next try may go to another node.
TEST_F(PostgresResends, WaitForTheFirstTryOnAnotherNode) {
  node here{*this}, there{*this};
  stored one, two;
  auto holder = open();
  ASSERT_TRUE(holder.begin().has_value());
  ASSERT_TRUE(holder.run("LOCK TABLE recipient IN EXCLUSIVE MODE").has_value());
  ASSERT_TRUE(holder.settle().has_value());
  take(here, message(1, "the same message"), one);
  while (waiting() < 1) {
  }
  take(there, message(2, "the same message"), two);
  while (waiting() < 2) {
  }
  ASSERT_TRUE(holder.commit().has_value());
  EXPECT_FALSE(one.get_future().get()->duplicate);
  auto second = two.get_future().get();
  ASSERT_TRUE(second.has_value());
  EXPECT_TRUE(second->duplicate);
  EXPECT_EQ(second->queue_id, 1);
  EXPECT_EQ(number("SELECT count(*) FROM body"), 1);
}

TEST_F(PostgresResends, ThatCrossEachOtherAreAnsweredAll) {
  node here{*this}, there{*this};
  std::latch both_have_one{2};
  auto meet = [&] { both_have_one.arrive_and_wait(); };
  std::array<stored, 4> got;
  take_both(here, message(1, "a"), message(2, "b"), got[0], got[1], meet);
  take_both(there, message(3, "b"), message(4, "a"), got[2], got[3], meet);
  std::array<enqueued, 4> all;
  for (std::size_t i = 0; i < all.size(); ++i) {
    auto x = got[i].get_future().get();
    ASSERT_TRUE(x.has_value()) << x.error().detail;
    all[i] = *x;
  }
  EXPECT_EQ(all[0].queue_id, all[3].queue_id);
  EXPECT_EQ(all[1].queue_id, all[2].queue_id);
  EXPECT_EQ(number("SELECT count(*) FROM queue"), 2);
  EXPECT_EQ(number("SELECT count(*) FROM body"), 2);
}

TEST_F(PostgresResends, OfAMessageThatWasConfirmedMeanwhileAreNew) {
  node here{*this}, there{*this};
  ASSERT_TRUE(enqueue(message(1, "same")).has_value());
  auto holder = open();
  ASSERT_TRUE(holder.begin().has_value());
  ASSERT_TRUE(holder.run("UPDATE queue SET confirmed = 1 WHERE queue_id = 1").has_value());
  ASSERT_TRUE(holder.settle().has_value());
  stored again;
  take(there, message(2, "same"), again);
  while (waiting() < 1) {
  }
  ASSERT_TRUE(holder.commit().has_value());
  EXPECT_FALSE(again.get_future().get()->duplicate);
  EXPECT_EQ(number("SELECT count(*) FROM queue"), 2);
}

// The first try waits for the row of the second, which is being confirmed: when that is gone, there
// must be something else by which it is known.
TEST_F(PostgresResends, OfWhichALaterOneIsConfirmedInThisMomentAreKnown) {
  node here{*this}, there{*this};
  ASSERT_TRUE(enqueue(message(2, "same")).has_value());
  ASSERT_TRUE(collect(account).has_value());
  auto holder = open();
  ASSERT_TRUE(holder.begin().has_value());
  ASSERT_TRUE(holder.run("LOCK TABLE counter IN EXCLUSIVE MODE").has_value());
  ASSERT_TRUE(holder.settle().has_value());
  std::promise<result<void_t>> confirmed;
  ASSERT_TRUE(remove(account, {1}).has_value()); // so that the last act of confirm() is its text
  there.queue.confirm({{2, 2000}}, [&](auto got) { confirmed.set_value(std::move(got)); });
  while (waiting() < 1) {
  }
  auto early = message(1, "same");
  early.started_us = 1000;
  stored late;
  take(here, early, late);
  while (waiting() < 2) {
  }
  ASSERT_TRUE(holder.commit().has_value());
  ASSERT_TRUE(confirmed.get_future().get().has_value());
  auto got = late.get_future().get();
  ASSERT_TRUE(got.has_value());
  EXPECT_TRUE(got->duplicate);
  EXPECT_EQ(got->queue_id, 2);
  EXPECT_EQ(number("SELECT count(*) FROM queue"), 0);
  EXPECT_EQ(number("SELECT count(*) FROM body"), 0);
}

// A server has room for some thousands in its table of locks: all transactions of all nodes share
// it.
TEST_F(PostgresResends, NeedNoLockForEachMessage) {
  constexpr std::int64_t many = 300;
  node here{*this};
  std::promise<void> ready;
  auto released = ready.get_future().share();
  here.changes.submit<std::int64_t>(
    [=](database&) -> result<std::int64_t> {
      released.wait();
      return 0;
    },
    [](const result<std::int64_t>&) {});
  for (std::int64_t i = 1; i <= many; ++i)
    here.queue.enqueue(message(i, std::to_string(i)), 0,
                       [](const result<enqueued>& got) { EXPECT_TRUE(got.has_value()); });
  std::promise<result<std::int64_t>> locks;
  here.changes.submit<std::int64_t>(
    [](database& db) {
      return db
        .row<std::int64_t, std::int64_t>(
          "SELECT count(*), (SELECT count(*) FROM queue) FROM pg_locks "
          "WHERE pid = pg_backend_pid()")
        .map([](auto found) {
          auto [held, rows] = *found;
          return rows == many ? held : -1; // all in this transaction
        });
    },
    [&](result<std::int64_t> got) { locks.set_value(std::move(got)); });
  ready.set_value();
  auto held = locks.get_future().get();
  ASSERT_TRUE(held.has_value());
  EXPECT_GT(*held, 0);
  EXPECT_LT(*held, 50);
}

} // namespace hamlet::sql
