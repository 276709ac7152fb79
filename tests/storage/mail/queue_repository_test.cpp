// SPDX-License-Identifier: Apache-2.0
#include "lib/base/clock.hpp"
#include "storage/mail/queue_repository.hpp"
#include "tests/support/mail_store.hpp"

namespace hamlet::sql {

class QueueRepository : public MailStore {
protected:
  QueueRepository() : alice{create("alice").value()} {}

  new_mail printed(std::int64_t id, const std::string& print) {
    auto m = mail(id, {alice});
    m.fingerprint = print;
    return m;
  }

  /// The text of it takes 10 µs.
  new_mail arrived(std::int64_t id, std::int64_t at_us) {
    auto m = printed(id, "same");
    m.started_us = at_us - 10;
    m.arrived_us = at_us;
    return m;
  }

  std::int64_t forget(std::int64_t before_us) {
    return wait<std::int64_t>([&](auto done) { program->queue.forget_confirmed(before_us, done); })
      .value();
  }

  new_mail remote(std::int64_t id) {
    auto m = mail(id, {});
    m.to.push_back({0, "far@example.net", "rfc822;far", 4});
    return m;
  }

  std::vector<queue_entry> entries(bool remote_only, std::int64_t after = 0,
                                   std::size_t at_most = 10) {
    return wait<std::vector<queue_entry>>(
             [&](auto done) { program->queue.list(remote_only, after, at_most, done); })
      .value();
  }

  std::int64_t last_id() {
    return wait<std::int64_t>([&](auto done) { program->queue.last_id(done); }).value();
  }

  std::int64_t expire(std::int64_t before) {
    return wait<std::int64_t>([&](auto done) { program->queue.expire_unconfirmed(before, done); })
      .value();
  }

  std::int64_t alice;
};

TEST_F(QueueRepository, KnowsAResendUntilTheClientHasSeenTheAnswer) {
  EXPECT_FALSE(enqueue(printed(10, "same"))->duplicate);
  auto again = enqueue(printed(11, "same")).value();
  EXPECT_TRUE(again.duplicate);
  EXPECT_EQ(again.queue_id, 10);
  collect(alice);
  EXPECT_EQ(enqueue(printed(12, "same"))->queue_id, 10); // collected, and still not confirmed
  auto meant = printed(9, "same");
  meant.confirmed = {{7}, {10}}; // the store will hear of it a little later
  EXPECT_FALSE(enqueue(std::move(meant))->duplicate);
  confirm({9, 10});
  EXPECT_FALSE(enqueue(printed(13, "same"))->duplicate); // meant
  EXPECT_EQ(number("SELECT count(*) FROM body"), 3);
}

TEST_F(QueueRepository, TakesAnOldFingerprintForANewMessage) {
  enqueue(printed(10, "same"));
  EXPECT_FALSE(enqueue(printed(11, "same"), start)->duplicate);
  EXPECT_EQ(enqueue(printed(12, "same"))->queue_id, 11); // the old one is out of it
  EXPECT_EQ(number("SELECT count(*) FROM body"), 2);
}

TEST_F(QueueRepository, NeverTakesMailWithoutAFingerprintForAResend) {
  enqueue(mail(10, {alice}));
  EXPECT_FALSE(enqueue(mail(11, {alice}))->duplicate);
}

// RFC 1047: the client gave the first try up while it was held up here, sent it again, and has seen
// the answer to that.
TEST_F(QueueRepository, KnowsAnEarlierTryOfWhatWasConfirmed) {
  enqueue(arrived(20, 2000));
  confirm(20, 2000);
  EXPECT_EQ(number("SELECT confirmed FROM queue"), 1);
  auto late = enqueue(arrived(10, 1000)).value(); // nobody has collected it yet
  EXPECT_TRUE(late.duplicate);
  EXPECT_EQ(late.queue_id, 20);
  collect(alice);
  EXPECT_EQ(number("SELECT count(*) FROM queue"), 0);
  late = enqueue(arrived(11, 2009)).value(); // it is where it belongs
  EXPECT_TRUE(late.duplicate);
  EXPECT_EQ(late.queue_id, 20);
  EXPECT_EQ(number("SELECT count(*) FROM queue"), 0);
  EXPECT_EQ(number("SELECT count(*) FROM body"), 1);
  EXPECT_EQ(number("SELECT count(*) FROM recipient"), 0);
}

TEST_F(QueueRepository, RemembersTheTryThatWasConfirmedNotTheOneThatWasStored) {
  enqueue(arrived(10, 1000));
  EXPECT_TRUE(enqueue(arrived(12, 3000))->duplicate);
  collect(alice);
  confirm(10, 3000);
  EXPECT_TRUE(enqueue(arrived(11, 2000))->duplicate);
}

TEST_F(QueueRepository, TakesWhatComesAfterTheConfirmedOneForMeant) {
  enqueue(arrived(10, 1000));
  collect(alice);
  confirm(10, 1000);
  EXPECT_FALSE(enqueue(arrived(11, 1010))->duplicate); // not earlier
  confirm(11, 1010);
  EXPECT_FALSE(enqueue(arrived(12, 1021))->duplicate);
  confirm(12, 1021);
  auto other = arrived(13, 500);
  other.fingerprint = "other";
  EXPECT_FALSE(enqueue(other)->duplicate);
  auto unknown = arrived(14, 500);
  unknown.fingerprint.clear();
  EXPECT_FALSE(enqueue(unknown)->duplicate);
  EXPECT_FALSE(enqueue(printed(15, "same"))->duplicate); // nobody knows when it came
}

TEST_F(QueueRepository, KnowsAnEarlierTryOfWhatItWillHearIsConfirmed) {
  enqueue(arrived(20, 2000));
  auto late = arrived(10, 1000);
  late.confirmed = {{20, 2000}};
  EXPECT_EQ(enqueue(late)->queue_id, 20);
  auto meant = arrived(30, 3000);
  meant.confirmed = {{20, 2000}};
  EXPECT_FALSE(enqueue(meant)->duplicate);
  confirm(30, 3000);
  collect(alice);
  EXPECT_TRUE(enqueue(arrived(11, 1500))->duplicate);
}

TEST_F(QueueRepository, ForgetsWhatWasConfirmedLongAgo) {
  enqueue(arrived(20, 2000));
  confirm(20, 2000);
  EXPECT_EQ(forget(2000), 0);
  EXPECT_EQ(forget(2001), 1);
  EXPECT_FALSE(enqueue(arrived(10, 1000))->duplicate);
}

TEST_F(QueueRepository, RefusesWhatWasHeldUpForLongerThanItRemembers) {
  constexpr std::int64_t minute = 60'000'000;
  auto late = arrived(10, unix_microseconds() - 2 * minute);
  late.memory_us = minute;
  EXPECT_EQ(enqueue(late).error().code, errc::timed_out);
  EXPECT_EQ(number("SELECT count(*) FROM body"), 0);
  late.memory_us = 3 * minute;
  EXPECT_FALSE(enqueue(late)->duplicate);
}

TEST_F(QueueRepository, RefusesWhatItCannotKeep) {
  EXPECT_EQ(enqueue(mail(10, {})).error().code, errc::bad_request);
  EXPECT_EQ(enqueue(mail(10, {alice}, std::string(65'537, 'x'))).error().code, errc::bad_request);
  EXPECT_EQ(enqueue(mail(10, {999})).error().code, errc::not_found); // no such account
  EXPECT_EQ(number("SELECT count(*) FROM body"), 0);                 // all or nothing
  EXPECT_TRUE(enqueue(mail(10, {alice}, std::string(65'536, 'x'))).has_value());
  EXPECT_EQ(enqueue(mail(10, {alice})).error().code, errc::already_exists);
}

TEST_F(QueueRepository, DeletesARowWhenItIsConfirmedAndDone) {
  enqueue(mail(10, {alice})); // confirmed first
  confirm({10, 77});
  EXPECT_EQ(number("SELECT confirmed FROM queue"), 1);
  collect(alice);
  EXPECT_EQ(number("SELECT count(*) FROM queue"), 0);
  enqueue(mail(11, {alice})); // collected first
  collect(alice);
  EXPECT_EQ(number("SELECT count(*) FROM queue"), 1);
  confirm({11});
  EXPECT_EQ(number("SELECT count(*) FROM queue"), 0);
  EXPECT_EQ(number("SELECT count(*) FROM body"), 2);
}

TEST_F(QueueRepository, DeletesTheTextWhenNoMailboxHasItEither) {
  enqueue(mail(10, {alice}));
  collect(alice);
  remove(alice, {1});
  EXPECT_EQ(number("SELECT count(*) FROM body"), 1);
  confirm({10});
  EXPECT_EQ(number("SELECT count(*) FROM body"), 0);
}

TEST_F(QueueRepository, ExpiresWhatNobodyConfirmed) {
  enqueue(mail(10, {alice}));
  EXPECT_EQ(expire(start + 1), 0); // alice has not got it yet
  collect(alice);
  EXPECT_EQ(expire(start), 0); // not old enough
  EXPECT_EQ(expire(start + 1), 1);
  EXPECT_EQ(number("SELECT count(*) FROM queue"), 0);
  EXPECT_EQ(number("SELECT count(*) FROM body"), 1);
}

TEST_F(QueueRepository, NamesEachAccountWithMailOnce) {
  auto bob = create("bob").value();
  create("carol");
  enqueue(mail(10, {alice, bob}));
  enqueue(mail(11, {bob}));
  enqueue(remote(12));
  auto found =
    wait<std::vector<std::int64_t>>([&](auto done) { program->queue.accounts_with_mail(done); });
  EXPECT_EQ(found.value(), (std::vector<std::int64_t>{alice, bob}));
}

TEST_F(QueueRepository, ListsWhoStillWaits) {
  enqueue(remote(12));
  auto both = mail(10, {alice});
  both.to.push_back({0, "far@example.net", {}, 0});
  enqueue(both);
  enqueue(mail(11, {alice}));
  EXPECT_EQ(entries(false).size(), 3u);
  auto far = entries(true);
  ASSERT_EQ(far.size(), 2u);
  EXPECT_EQ(far[0].queue_id, 10);
  ASSERT_EQ(far[0].to.size(), 1u);
  EXPECT_EQ(far[1].to[0].original, "rfc822;far");
  EXPECT_EQ(far[1].to[0].notify, 4);
  EXPECT_EQ(far[1].from, "sender@example.net");
  EXPECT_EQ(entries(false, 10, 1)[0].queue_id, 11);
  collect(alice);
  EXPECT_EQ(entries(false).size(), 2u);
}

TEST_F(QueueRepository, ShowsOneMessageWithItsTrace) {
  auto m = remote(10);
  m.trace = "Received: from x\r\n";
  enqueue(m);
  auto find = [&](std::int64_t id) {
    return wait<queue_details>([&](auto done) { program->queue.find(id, done); });
  };
  auto found = find(10);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->trace, m.trace);
  EXPECT_EQ(found->entry.to.at(0).address, "far@example.net");
  EXPECT_EQ(find(11).error().code, errc::not_found);
}

TEST_F(QueueRepository, DropsWhatNobodyShallGet) {
  auto drop = [&](std::int64_t id) {
    return wait<void_t>([&](auto done) { program->queue.drop(id, done); });
  };
  auto both = remote(10);
  both.to.push_back({alice, "alice@example.org", "", 0});
  enqueue(both);
  enqueue(remote(11));
  EXPECT_TRUE(drop(10).has_value());
  EXPECT_EQ(entries(false).size(), 1u);
  EXPECT_EQ(number("SELECT count(*) FROM recipient"), 1);
  EXPECT_EQ(number("SELECT count(*) FROM body"), 1);
  EXPECT_EQ(drop(10).error().code, errc::not_found);
  collect(alice);
  EXPECT_EQ(number("SELECT count(*) FROM message"), 0);
}

TEST_F(QueueRepository, RemembersItsHighestNumberWhenAllIsGone) {
  EXPECT_EQ(last_id(), 0);
  enqueue(mail(10, {alice}));
  EXPECT_EQ(last_id(), 10);
  confirm({10});
  collect(alice);
  remove(alice, {1});
  EXPECT_EQ(number("SELECT count(*) FROM body"), 0);
  restart();
  EXPECT_GE(last_id(), 10);
  EXPECT_LE(last_id(), 1LL << 34); // not far ahead
}

} // namespace hamlet::sql
