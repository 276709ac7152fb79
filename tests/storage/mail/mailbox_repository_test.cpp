// SPDX-License-Identifier: Apache-2.0
#include "storage/mail/mailbox_repository.hpp"
#include "tests/support/mail_store.hpp"

namespace hamlet::sql {

class MailboxRepository : public MailStore {
protected:
  MailboxRepository() : alice{create("alice").value()}, bob{create("bob").value()} {}

  std::vector<std::int64_t> uids(std::int64_t account) {
    std::vector<std::int64_t> all;
    auto listed = list(account).value();
    for (auto& m : listed.messages)
      all.push_back(m.uid);
    return all;
  }

  usage room(std::int64_t account) {
    return wait<usage>([&](auto done) { program->accounts.room_of(account, done); }).value();
  }

  /// Mail that is collected and done with.
  void deliver(std::int64_t queue_id, std::int64_t account, const std::string& text = "text\r\n") {
    ASSERT_TRUE(enqueue(mail(queue_id, {account}, text)).has_value());
    ASSERT_TRUE(confirm({queue_id}).has_value());
    ASSERT_EQ(collect(account)->messages, 1);
  }

  std::int64_t alice, bob;
};

TEST_F(MailboxRepository, ShowsWhatWasQueuedByteForByte) {
  auto m = mail(10, {alice}, "Subject: x\r\n\r\n" + std::string("nul \0 and \xff\r\n", 13));
  m.utf8 = true;
  ASSERT_TRUE(enqueue(m).has_value());
  EXPECT_EQ(uids(alice), std::vector<std::int64_t>{});
  auto moved = collect(alice);
  EXPECT_EQ(moved->messages, 1);
  EXPECT_FALSE(moved->more);
  auto expected = "Return-Path: <sender@example.net>\r\nDelivered-To: " + m.to[0].address + "\r\n"
                  + m.trace + m.what.bytes; // RFC 5321 §4.4
  auto listed = list(alice).value();
  ASSERT_EQ(listed.messages.size(), 1u);
  EXPECT_EQ(listed.messages[0].uid, 1);
  EXPECT_EQ(listed.messages[0].size, static_cast<std::int64_t>(expected.size()));
  EXPECT_TRUE(listed.messages[0].utf8);
  EXPECT_EQ(read(alice, 1).value(), expected);
}

TEST_F(MailboxRepository, ReadsAnyRangeOfAMessage) {
  deliver(10, alice);
  auto whole = read(alice, 1).value();
  for (std::size_t from = 0; from <= whole.size() + 1; ++from)
    for (std::size_t n : {0u, 1u, 7u, 100u, 1000u})
      EXPECT_EQ(read(alice, 1, from, n).value(), from > whole.size() ? "" : whole.substr(from, n));
}

TEST_F(MailboxRepository, SaysThatAMessageIsGone) {
  EXPECT_EQ(read(alice, 1).error().code, errc::not_found);
  EXPECT_EQ(list(99).error().code, errc::not_found);
}

TEST_F(MailboxRepository, ReadsALargeTextFromItsFile) {
  std::string text(200'000, 'x');
  auto writer = program->blobs.create().value();
  ASSERT_TRUE(writer.append(text).has_value());
  auto m = mail(10, {alice});
  m.what = {{}, writer.publish().value(), static_cast<std::int64_t>(text.size())};
  ASSERT_TRUE(enqueue(m).has_value());
  collect(alice);
  auto whole = read(alice, 1).value();
  EXPECT_EQ(whole.substr(whole.size() - text.size()), text);
  EXPECT_EQ(read(alice, 1, 100, 150'000).value(), whole.substr(100, 150'000));
  ASSERT_TRUE(program->blobs.remove(m.what.sha256).has_value());
  EXPECT_EQ(read(alice, 1).error().code, errc::store_failed); // the row says that it exists
}

TEST_F(MailboxRepository, KeepsOneTextForAllRecipients) {
  ASSERT_TRUE(enqueue(mail(10, {alice, bob})).has_value());
  confirm({10});
  collect(alice);
  EXPECT_EQ(number("SELECT count(*) FROM queue"), 1); // it still waits for bob
  collect(bob);
  EXPECT_EQ(number("SELECT count(*) FROM queue"), 0);
  EXPECT_EQ(number("SELECT count(*) FROM body"), 1);
  EXPECT_NE(read(alice, 1).value(), read(bob, 1).value()); // Delivered-To
  remove(alice, {1});
  EXPECT_EQ(number("SELECT count(*) FROM body"), 1);
  EXPECT_TRUE(read(bob, 1).has_value());
  remove(bob, {1});
  EXPECT_EQ(number("SELECT count(*) FROM body"), 0);
}

TEST_F(MailboxRepository, NeverGivesAUidTwice) { // RFC 9051 §2.3.1.1
  deliver(10, alice);
  deliver(11, alice);
  remove(alice, {2});
  deliver(12, alice);
  EXPECT_EQ(uids(alice), (std::vector<std::int64_t>{1, 3}));
}

TEST_F(MailboxRepository, CollectsOldestFirstAndSaysWhenThereIsMore) {
  for (auto id : {12, 10, 11})
    enqueue(mail(id, {alice}, std::to_string(id)));
  auto first = collect(alice, 2).value();
  EXPECT_EQ(first.messages, 2);
  EXPECT_TRUE(first.more);
  auto second = collect(alice, 2).value();
  EXPECT_EQ(second.messages, 1);
  EXPECT_FALSE(second.more);
  EXPECT_EQ(collect(alice, 2)->messages, 0);
  for (auto uid : {1, 2, 3})
    EXPECT_TRUE(read(alice, uid)->ends_with(std::to_string(9 + uid)));
}

TEST_F(MailboxRepository, TakesOnlyWhatIsItsOwn) {
  enqueue(mail(10, {alice}));
  EXPECT_EQ(collect(bob)->messages, 0);
  EXPECT_EQ(collect(alice)->messages, 1);
}

TEST_F(MailboxRepository, DeliversOnceWhenAnOldRecipientRowComesBack) {
  enqueue(mail(10, {alice}));
  collect(alice);
  change(
    "INSERT INTO recipient (queue_id, n, account_id, address, original, notify) VALUES (10, 0, "
    + std::to_string(alice) + ", 'a', '', 0)");
  restart();
  collect(alice);
  EXPECT_EQ(uids(alice).size(), 1u);
  EXPECT_EQ(number("SELECT count(*) FROM recipient"), 0);
  EXPECT_EQ(room(alice).messages, 1);
  EXPECT_EQ(room(alice).bytes, list(alice)->messages[0].size);
}

TEST_F(MailboxRepository, CountsWhatItHolds) {
  enqueue(mail(10, {alice}));
  EXPECT_EQ(room(alice).messages, 1); // waiting already counts
  EXPECT_EQ(room(alice).bytes, mail(10, {alice}).what.size);
  confirm({10});
  collect(alice);
  deliver(11, alice);
  auto listed = list(alice)->messages;
  EXPECT_EQ(room(alice).messages, 2);
  EXPECT_EQ(room(alice).bytes, listed[0].size + listed[1].size);
  remove(alice, {1, 2, 77}); // one that is gone already does not matter
  EXPECT_EQ(room(alice).messages, 0);
  EXPECT_EQ(room(alice).bytes, 0);
}

TEST_F(MailboxRepository, ReportsSuccessToThoseWhoAsked) { // RFC 3461 §4.1
  auto m = mail(10, {alice});
  m.to[0].notify = 2;
  m.to[0].original = "rfc822;a";
  m.envid = "E1";
  enqueue(m);
  enqueue(mail(11, {alice}));
  auto notices = collect(alice)->notices;
  ASSERT_EQ(notices.size(), 1u);
  EXPECT_EQ(notices[0].queue_id, 10);
  EXPECT_EQ(notices[0].from, m.from);
  EXPECT_EQ(notices[0].recipient, m.to[0].address);
  EXPECT_EQ(notices[0].original, "rfc822;a");
  EXPECT_EQ(notices[0].envid, "E1");
}

TEST_F(MailboxRepository, WritesNothingWhenThereIsNothingToCollect) {
  enqueue(mail(10, {bob}));
  std::promise<void> opener;
  auto gate = opener.get_future().share();
  program->changes.submit<void_t>(
    [gate](database&) -> result<void_t> {
      gate.wait();
      return void_t{};
    },
    [](const result<void_t>&) {});
  EXPECT_EQ(collect(alice)->messages, 0); // though the writer is stuck
  opener.set_value();
}

TEST_F(MailboxRepository, KeepsAMailboxAcrossAStart) {
  deliver(10, alice);
  auto before = list(alice).value();
  restart();
  EXPECT_EQ(list(alice)->uid_validity, before.uid_validity);
  EXPECT_EQ(uids(alice), (std::vector<std::int64_t>{1}));
  EXPECT_GE(before.uid_validity, start);
}

TEST_F(MailboxRepository, ListsTenThousandMessages) {
  constexpr query insert_body = "INSERT INTO body (body_id, size, bytes) VALUES (1, 0, $1)";
  constexpr query insert_all =
    "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 10000) "
    "INSERT INTO message (mailbox_id, folder_id, uid, queue_id, body_id, size, internal_date, "
    "modseq, utf8, head) SELECT $1, 1, x, x, 1, 100, 0, 1, 0, $2 FROM n";
  ASSERT_TRUE(open().run(insert_body, blob{}).has_value());
  ASSERT_TRUE(open().run(insert_all, alice, blob{std::string(400, 'h')}).has_value());
  auto all = uids(alice);
  ASSERT_EQ(all.size(), 10'000u);
  EXPECT_TRUE(std::is_sorted(all.begin(), all.end()));
  EXPECT_TRUE(remove(alice, all).has_value());
  EXPECT_EQ(number("SELECT count(*) FROM message"), 0);
  EXPECT_EQ(number("SELECT count(*) FROM body"), 0);
}

} // namespace hamlet::sql
