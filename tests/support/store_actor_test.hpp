// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/failure.hpp"
#include "lib/base/worker_pool.hpp"
#include "tests/support/actor_test.hpp"
#include "tests/support/mail_store.hpp"

#include <future>

namespace hamlet {

/// Actors on the thread of the test, with a clock that only the test moves, over a real store: its
/// threads answer only between two turns of the actors, one of them at a time.
class StoreActorTest : public MailStore {
protected:
  struct config : node_config {
    config() { set("scheduler.policy", caf::atom("testing")); }
  };

  static constexpr std::chrono::seconds patience{86'400}; ///< of those who ask

  ~StoreActorTest() override { program.reset(); } // its threads send to actors

  enum class with : std::uint8_t { store, store_and_workers };

  /// One turn of the actors; what they ask of the store is answered by the next run().
  void turn(with who = with::store_and_workers) {
    if (!views_)
      views_.emplace([this](auto job) { in(program->views, job); });
    if (!changes_)
      changes_.emplace([this](auto job) { in(program->changes, job); });
    if (!work_ && who == with::store_and_workers)
      work_.emplace([this](auto job) { ASSERT_TRUE(workers.submit(job)); });
    sched.run();
  }

  /// Until nobody has anything to do.
  void run(with who = with::store_and_workers) {
    do {
      turn(who);
      for (auto* thread : {&views_, &changes_, &work_}) // what reads may go on to write
        if (*thread)
          std::exchange(*thread, std::nullopt)->drain();
    } while (sched.has_job());
  }

  void pass(std::chrono::milliseconds time) {
    sched.clock().advance_time(time);
    run();
  }

  /// Nobody waits for an answer that does not come: it is a failure of the test.
  template <class Answer, class Pending>
  result<Answer> answer_to(Pending pending) {
    result<Answer> got = fail(errc::none, "no answer");
    pending.receive([&](Answer& x) { got = std::move(x); },
                    [&](caf::error& err) { got = fail(code_of(err)); });
    return got;
  }

  template <class Answer, class Handle, class Msg>
  result<Answer> ask(const caf::scoped_actor& who, const Handle& whom, Msg msg) {
    auto pending = who->request(whom, patience, std::move(msg));
    run();
    return answer_to<Answer>(std::move(pending));
  }

  template <class Answer, class Handle, class Msg>
  result<Answer> ask(const Handle& whom, Msg msg) {
    caf::scoped_actor who{sys};
    return ask<Answer>(who, whom, std::move(msg));
  }

  template <class Handle>
  void end(const Handle& x, caf::exit_reason why = caf::exit_reason::user_shutdown) {
    caf::anon_send_exit(x, why);
    run();
  }

  template <class State, class Handle>
  static State& deref(const Handle& x) {
    return dynamic_cast<caf::stateful_actor<State, typename Handle::base>*>(
             caf::actor_cast<caf::abstract_actor*>(x))
      ->state;
  }

  config cfg;
  caf::actor_system sys{cfg};
  caf::scheduler::test_coordinator& sched =
    dynamic_cast<caf::scheduler::test_coordinator&>(sys.scheduler());
  worker_pool workers{1, 1000};

private:
  template <class Threads>
  static void in(Threads& threads, const std::function<void()>& job) {
    threads.template submit<void_t>([](sql::database&) { return void_t{}; },
                                    [job](const result<void_t>&) { job(); });
  }

  /// Holds one thread, so that what is submitted meanwhile waits. Futures sleep at once; a latch
  /// yields first, which takes long where others want the processor.
  class gate {
  public:
    using submit = std::function<void(std::function<void()>)>;
    explicit gate(submit to) : to_{std::move(to)} {
      to_([open = open_.get_future().share()] { open.wait(); });
    }
    void drain() {
      open_.set_value();
      auto done = std::make_shared<std::promise<void>>();
      auto is_done = done->get_future();
      to_([done] { done->set_value(); });
      is_done.wait();
    }

  private:
    submit to_;
    std::promise<void> open_;
  };
  std::optional<gate> views_, changes_, work_;
};

} // namespace hamlet
