// SPDX-License-Identifier: Apache-2.0
#include "tests/support/mail_store.hpp"

#include <set>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

namespace hamlet::sql {

/// A server that dies without a word, again and again, on the same store.
class Crash : public MailStore {
protected:
  /// The other process: takes mail as fast as it can and tells `out` each id that was answered.
  [[noreturn]] void serve(int out, std::int64_t first) {
    program.emplace(*this);
    for (std::int64_t id = first;; id += 8) {
      std::vector<std::future<void>> answers;
      for (std::int64_t i = 0; i < 8; ++i) {
        auto told = std::make_shared<std::promise<void>>();
        answers.push_back(told->get_future());
        program->queue.enqueue(mail(id + i, {alice}), 0, [out, told](const result<enqueued>& x) {
          if (x && ::write(out, &x->queue_id, sizeof x->queue_id) != sizeof x->queue_id)
            ::_exit(1);
          told->set_value();
        });
      }
      for (auto& x : answers)
        x.wait();
      if (!collect(alice) || !confirm({id, id + 1}))
        ::_exit(1);
    }
  }

  /// Lets it run until `enough` answers have come, and kills it. @return The ids that were
  /// answered.
  std::set<std::int64_t> run_and_kill(std::size_t enough, std::int64_t first) {
    program.reset();
    int ends[2];
    EXPECT_EQ(::pipe(ends), 0);
    auto child = ::fork();
    if (child == 0) {
      ::close(ends[0]);
      serve(ends[1], first);
    }
    ::close(ends[1]);
    std::set<std::int64_t> answered;
    std::int64_t id = 0;
    while (::read(ends[0], &id, sizeof id) == sizeof id) {
      answered.insert(id);
      if (answered.size() == enough)
        ::kill(child, SIGKILL);
    }
    ::close(ends[0]);
    ::waitpid(child, nullptr, 0);
    program.emplace(*this);
    return answered;
  }

  /// The queue ids of a column, each as often as it is there.
  std::multiset<std::int64_t> ids(query text) const {
    std::multiset<std::int64_t> found;
    EXPECT_TRUE(
      open().each<std::int64_t>(text, [&](std::int64_t id) { found.insert(id); }).has_value());
    return found;
  }

  std::int64_t alice = create("alice").value();
};

TEST_F(Crash, LosesNoAnsweredMessageAndDeliversNoneTwice) {
  std::int64_t first = 1000;
  for (std::size_t round = 0; round < 6; ++round, first += 100'000) {
    auto answered = run_and_kill(40 + 7 * round, first);
    ASSERT_GE(answered.size(), 40u);
    auto waiting = ids("SELECT queue_id FROM recipient");
    auto delivered = ids("SELECT coalesce(queue_id, body_id) FROM message");
    for (auto id : answered)
      EXPECT_EQ(waiting.count(id) + delivered.count(id), 1u) << id;
    for (auto n = waiting.size() / 50 + 1; n > 0; --n)
      collect(alice, 50);
    delivered = ids("SELECT coalesce(queue_id, body_id) FROM message");
    for (auto id : delivered)
      EXPECT_EQ(delivered.count(id), 1u) << id;
    EXPECT_EQ(number("SELECT count(*) FROM recipient"), 0);
    EXPECT_EQ(number("SELECT used_messages FROM mailbox WHERE mailbox_id = 2"),
              static_cast<std::int64_t>(delivered.size()));
    if (on_postgres())
      continue;
    auto checked = open().row<std::string>("PRAGMA integrity_check");
    EXPECT_EQ(std::get<0>(**checked), "ok");
  }
}

} // namespace hamlet::sql
