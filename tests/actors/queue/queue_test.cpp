// SPDX-License-Identifier: Apache-2.0
#include "actors/mailbox/shard.hpp"
#include "actors/queue/queue.hpp"
#include "lib/base/clock.hpp"
#include "tests/support/store_actor_test.hpp"

using namespace std::chrono_literals;

namespace hamlet {

using mail::v1::Enqueue;
using mail::v1::Enqueued;
using mail::v1::Spooled;

class QueueTest : public StoreActorTest {
protected:
  QueueTest() { run(); }
  ~QueueTest() override {
    end(actor);
    end(shard);
  }

  queue_parts parts() {
    return {program->queue,
            program->accounts,
            &program->blobs,
            &workers,
            [this](std::int64_t) { return shard; },
            [this] { return ++last_id; },
            &rules};
  }

  Enqueue letter(const std::string& text = "Subject: hi\r\n\r\nHello\r\n") {
    Enqueue msg;
    msg.set_queue_id(++last_id);
    msg.set_reverse_path("sender@example.net");
    msg.set_trace("Received: from a\r\n");
    msg.set_text(text);
    msg.set_fingerprint("print of " + text);
    auto* to = msg.add_to();
    to->set_account_id(ann);
    to->set_address("ann@example.org");
    return msg;
  }

  result<Enqueued> put(const Enqueue& msg) { return ask<Enqueued>(actor, msg); }

  mail::v1::Confirm confirmation(const Enqueue& of) {
    mail::v1::Confirm msg;
    msg.set_queue_id(of.queue_id());
    return msg;
  }

  mail::v1::SpoolAppend piece(std::int64_t spool, const std::string& bytes) {
    mail::v1::SpoolAppend msg;
    msg.set_spool_id(spool);
    msg.set_data(bytes);
    return msg;
  }

  result<Spooled> append(std::int64_t spool, const std::string& bytes) {
    return ask<Spooled>(actor, piece(spool, bytes));
  }

  void discard(std::int64_t spool) {
    mail::v1::SpoolDiscard msg;
    msg.set_spool_id(spool);
    caf::anon_send(actor, msg);
  }

  std::vector<std::string> texts_of(std::int64_t account) {
    std::vector<std::string> all;
    auto folder_of = list(account).value();
    for (auto& m : folder_of.messages) {
      auto whole = read(account, m.uid).value();
      all.push_back(whole.substr(whole.find("Received: from a\r\n") + 18));
    }
    return all;
  }

  std::size_t files() const {
    std::size_t n = 0;
    for (auto& x : std::filesystem::recursive_directory_iterator{folder + "/blobs"})
      n += x.is_regular_file() && x.file_size() > 0 ? 1 : 0; // not the lock
    return n;
  }

  queue_state& state() { return deref<queue_state>(actor); }

  std::int64_t ann = create("ann").value();
  std::int64_t last_id = 1000;
  live<mailbox_rules> mailboxes{{}};
  live<queue_rules> rules{{.hostname = "mail.example.org", .inline_limit = 1000, .max_spools = 2}};
  mailbox_shard_actor shard = sys.spawn(mailbox_shard, program->mail, &mailboxes, herald_actor{});
  queue_actor actor = sys.spawn(queue, parts());
};

TEST_F(QueueTest, BringsMailToItsMailbox) {
  auto msg = letter();
  EXPECT_EQ(put(msg)->queue_id(), msg.queue_id());
  EXPECT_EQ(texts_of(ann), std::vector{msg.text()});
}

TEST_F(QueueTest, AnswersAfterTheCommitOnly) {
  caf::scoped_actor me{sys};
  auto pending = me->request(actor, patience, letter());
  turn(); // the store has not answered
  EXPECT_TRUE(me->mailbox().empty());
  run();
  EXPECT_TRUE(answer_to<Enqueued>(std::move(pending)));
}

TEST_F(QueueTest, RefusesMailForNobody) {
  auto msg = letter();
  msg.clear_to();
  EXPECT_EQ(put(msg).error().code, errc::bad_request);
}

// -- resends (RFC 1047) -------------------------------------------------------

TEST_F(QueueTest, KnowsAResendByItsFingerprint) {
  auto first = letter(), again = letter();
  put(first);
  auto answer = put(again).value();
  EXPECT_TRUE(answer.duplicate());
  EXPECT_EQ(answer.queue_id(), first.queue_id());
  EXPECT_EQ(texts_of(ann).size(), 1u);
}

TEST_F(QueueTest, TakesTheSameTextAgainAfterTheClientHasSeenTheAnswer) {
  auto first = letter(), second = letter();
  put(first);
  caf::anon_send(actor, confirmation(first)); // and at once, before it is written down:
  EXPECT_FALSE(put(second)->duplicate());
  EXPECT_EQ(texts_of(ann).size(), 2u);
}

// RFC 1047: the first try was held up, the second has been confirmed and delivered.
TEST_F(QueueTest, KnowsAnEarlierTryOfWhatWasConfirmed) {
  auto now = unix_microseconds();
  auto second = letter(), first = letter(), meant = letter();
  second.set_started_us(now - 2000);
  second.set_arrived_us(now - 1000);
  put(second);
  auto seen = confirmation(second);
  seen.set_arrived_us(second.arrived_us());
  caf::anon_send(actor, seen);
  run();
  pass(500ms);
  EXPECT_EQ(number("SELECT count(*) FROM queue"), 0);
  first.set_started_us(now - 3000);
  first.set_arrived_us(now);
  auto answer = put(first).value();
  EXPECT_TRUE(answer.duplicate());
  EXPECT_EQ(answer.queue_id(), second.queue_id());
  meant.set_started_us(now - 1000);
  meant.set_arrived_us(now);
  EXPECT_FALSE(put(meant)->duplicate());
  EXPECT_EQ(texts_of(ann).size(), 2u);
}

TEST_F(QueueTest, RefusesWhatWasHeldUpForTooLong) {
  auto late = letter();
  late.set_arrived_us(unix_microseconds() - 121'000'000);
  EXPECT_FALSE(put(late).has_value());
  EXPECT_EQ(number("SELECT count(*) FROM body"), 0);
}

TEST_F(QueueTest, ForgetsInTheEndWhatWasConfirmed) {
  auto old = letter();
  put(old);
  auto seen = confirmation(old);
  seen.set_arrived_us(unix_microseconds() - 181'000'000);
  caf::anon_send(actor, seen);
  run();
  pass(500ms);
  EXPECT_EQ(number("SELECT count(*) FROM confirmed_mail"), 1);
  for (auto beats = 0; beats < 20; ++beats)
    pass(500ms);
  EXPECT_EQ(number("SELECT count(*) FROM confirmed_mail"), 0);
}

TEST_F(QueueTest, WritesConfirmationsDownTogether) {
  auto one = letter("a\r\n"), two = letter("b\r\n");
  put(one), put(two);
  caf::anon_send(actor, confirmation(one));
  caf::anon_send(actor, confirmation(two));
  run();
  EXPECT_EQ(number("SELECT count(*) FROM queue"), 2);
  pass(500ms);
  EXPECT_EQ(number("SELECT count(*) FROM queue"), 0);
}

TEST_F(QueueTest, WritesConfirmationsDownWhenItEnds) {
  auto one = letter();
  put(one);
  caf::anon_send(actor, confirmation(one));
  end(actor);
  EXPECT_EQ(number("SELECT count(*) FROM queue"), 0);
}

// -- large and odd texts ------------------------------------------------------

TEST_F(QueueTest, KeepsALargeTextAsAFile) {
  auto msg = letter(std::string(1001, 'x') + "\r\n");
  ASSERT_TRUE(put(msg));
  EXPECT_EQ(texts_of(ann), std::vector{msg.text()});
  EXPECT_EQ(files(), 1u);
}

TEST_F(QueueTest, PutsPiecesTogether) {
  EXPECT_TRUE(append(7, "Subject: hi\r\n\r\n"));
  EXPECT_TRUE(append(7, "Hello\r\n"));
  auto msg = letter("");
  msg.set_spool_id(7);
  ASSERT_TRUE(put(msg));
  EXPECT_EQ(texts_of(ann), std::vector<std::string>{"Subject: hi\r\n\r\nHello\r\n"});
  EXPECT_TRUE(state().spools.empty());
}

TEST_F(QueueTest, RefusesAMessageWhosePiecesItDoesNotHave) {
  auto msg = letter("");
  msg.set_spool_id(7);
  EXPECT_EQ(put(msg).error().code, errc::bad_request);
  EXPECT_TRUE(texts_of(ann).empty());
}

TEST_F(QueueTest, ForgetsPiecesThatAreNotWanted) {
  append(7, "x");
  discard(7);
  run();
  EXPECT_TRUE(state().spools.empty());
  EXPECT_EQ(files(), 0u);
}

// The client is gone while the disk still writes.
TEST_F(QueueTest, ForgetsAPieceThatIsStillBeingWritten) {
  caf::scoped_actor me{sys};
  auto pending = me->request(actor, patience, piece(7, "x"));
  discard(7);
  run();
  EXPECT_TRUE(answer_to<Spooled>(std::move(pending)));
  EXPECT_TRUE(state().spools.empty());
  EXPECT_EQ(files(), 0u);
}

TEST_F(QueueTest, ForgetsPiecesOfAClientThatSaysNoMore) {
  append(7, "x");
  pass(1h);
  EXPECT_EQ(state().spools.size(), 1u);
  pass(1s);
  EXPECT_TRUE(state().spools.empty());
  EXPECT_EQ(files(), 0u);
}

TEST_F(QueueTest, BoundsTheTextsThatArriveAtOnce) {
  EXPECT_TRUE(append(1, "x"));
  EXPECT_TRUE(append(2, "x"));
  EXPECT_EQ(append(3, "x").error().code, errc::busy);
  discard(1);
  EXPECT_TRUE(append(3, "x"));
}

TEST_F(QueueTest, LeavesNoFileWhenTheFingerprintIsKnown) {
  auto text = std::string(2000, 'x') + "\r\n";
  put(letter(text));
  EXPECT_TRUE(put(letter(text))->duplicate());
  EXPECT_EQ(files(), 1u);
}

// RFC 3030 §3: to readers that take lines, what has none goes encoded.
TEST_F(QueueTest, EncodesBinaryText) {
  auto msg = letter(std::string("Content-Transfer-Encoding: binary\r\n\r\n\0\n\r", 40));
  msg.set_binary(true);
  ASSERT_TRUE(put(msg));
  auto got = texts_of(ann).at(0);
  EXPECT_NE(got.find("base64"), got.npos) << got;
  EXPECT_EQ(got.find('\0'), got.npos);
}

TEST_F(QueueTest, EncodesBinaryTextThatCameInPieces) {
  append(7, "Content-Transfer-Encoding: binary\r\n\r\n");
  append(7, std::string("\0\n\r", 3));
  auto msg = letter("");
  msg.set_spool_id(7);
  msg.set_binary(true);
  ASSERT_TRUE(put(msg));
  auto got = texts_of(ann).at(0);
  EXPECT_NE(got.find("base64"), got.npos) << got;
}

// -- mailboxes that do not answer ---------------------------------------------

TEST_F(QueueTest, TriesAMailboxAgain) {
  end(shard);
  ASSERT_TRUE(put(letter()));
  EXPECT_TRUE(state().undelivered.contains(ann));
  shard = sys.spawn(mailbox_shard, program->mail, &mailboxes, herald_actor{});
  pass(500ms);
  EXPECT_EQ(texts_of(ann).size(), 1u);
  EXPECT_TRUE(state().undelivered.empty());
}

TEST_F(QueueTest, DeliversWhatAnEarlierProcessLeft) {
  end(actor);
  ASSERT_TRUE(enqueue(mail(1, {ann})));
  actor = sys.spawn(queue, parts());
  run();
  EXPECT_EQ(list(ann).value().messages.size(), 1u);
}

TEST_F(QueueTest, DeliversWhatAnotherProgramQueuedWhenItIsWoken) {
  ASSERT_TRUE(enqueue(mail(1, {ann})));
  caf::anon_send(actor, mail::v1::Wake{});
  run();
  EXPECT_EQ(list(ann).value().messages.size(), 1u);
}

// A resend of what was stored unheard: the answer was late, but the mail is there.
TEST_F(QueueTest, DeliversWhatAResendFindsUndelivered) {
  auto msg = letter();
  auto stored = mail(1, {ann});
  stored.fingerprint = msg.fingerprint();
  stored.accepted_at = unix_seconds();
  ASSERT_TRUE(enqueue(stored));
  EXPECT_TRUE(put(msg)->duplicate());
  EXPECT_EQ(list(ann).value().messages.size(), 1u);
}

// -- reports ------------------------------------------------------------------

// RFC 3461 §5.2.1
TEST_F(QueueTest, ReportsSuccessToTheSender) {
  auto bob = create("bob").value();
  auto msg = letter();
  msg.set_reverse_path("bob@example.org");
  msg.set_envid("QQ314159");
  msg.mutable_to(0)->set_notify(2);
  ASSERT_TRUE(put(msg));
  auto reports = list(bob).value().messages;
  ASSERT_EQ(reports.size(), 1u);
  auto text = read(bob, reports[0].uid).value();
  EXPECT_NE(text.find("Return-Path: <>"), text.npos) << text;
  EXPECT_NE(text.find("Action: delivered"), text.npos);
  EXPECT_NE(text.find("Original-Envelope-Id: QQ314159"), text.npos);
}

TEST_F(QueueTest, ReportsToOtherHostsToo) {
  auto msg = letter();
  msg.mutable_to(0)->set_notify(2);
  ASSERT_TRUE(put(msg));
  EXPECT_EQ(number("SELECT count(*) FROM recipient WHERE address = 'sender@example.net'"), 1);
}

TEST_F(QueueTest, ReportsNothingToTheNullPath) {
  auto msg = letter();
  msg.set_reverse_path("");
  msg.mutable_to(0)->set_notify(2);
  ASSERT_TRUE(put(msg));
  EXPECT_EQ(number("SELECT count(*) FROM recipient"), 0);
}

} // namespace hamlet
