// SPDX-License-Identifier: Apache-2.0
#include "actors/deadlines.hpp"
#include "actors/resume.hpp"
#include "tests/support/actor_test.hpp"

#include <vector>

using namespace std::chrono_literals;

namespace hamlet {
namespace {

/// What somebody who asks has heard, in this order: an answer, or -1 for a time-out.
struct asker_state {
  deadlines limits;
  std::vector<int> heard;
};
using asker = caf::stateful_actor<asker_state>;

class Deadlines : public ActorTest {
protected:
  /// Answers 1 with 1; 2 waits for the next 3, which answers all.
  caf::actor answerer = sys.spawn(
    [this](caf::event_based_actor* self, int) -> caf::behavior {
      return {[this, self](int x) -> caf::result<int> {
        late.push_back(self->make_response_promise<int>());
        auto promise = late.back();
        if (x == 1)
          late.back().deliver(1);
        if (x == 3)
          for (auto& y : late)
            y.deliver(x);
        return promise;
      }};
    },
    argument);
  std::vector<caf::typed_response_promise<int>> late;
  /// Asks what it is sent.
  caf::actor who = sys.spawn(
    [this](asker* self, int) -> caf::behavior {
      return {[this, self](int x) {
        auto& heard = self->state.heard;
        request<int>(
          self, self->state.limits, 10s, answerer, x, [&heard](int y) { heard.push_back(y); },
          [&heard](const caf::error&) { heard.push_back(-1); });
      }};
    },
    argument);

  void ask(int x) {
    caf::anon_send(who, x);
    sched.run();
  }
  void wait(std::chrono::seconds how_long) {
    sched.advance_time(how_long);
    sched.run();
  }
  const std::vector<int>& heard() { return deref<asker_state>(who).heard; }
  void TearDown() override {
    caf::anon_send_exit(who, caf::exit_reason::kill);
    caf::anon_send_exit(answerer, caf::exit_reason::kill);
    sched.run();
  }
};

TEST_F(Deadlines, PassOnAnAnswer) {
  ask(1);
  EXPECT_EQ(heard(), std::vector{1});
  wait(20s);
  EXPECT_EQ(heard(), std::vector{1}); // and nothing after it
}

TEST_F(Deadlines, TellOfSilenceWhenItIsTime) {
  ask(2);
  wait(9s);
  EXPECT_TRUE(heard().empty());
  wait(2s);
  EXPECT_EQ(heard(), std::vector{-1});
}

TEST_F(Deadlines, TellEachInItsTurn) {
  ask(2);
  wait(5s);
  ask(2);
  wait(6s);
  EXPECT_EQ(heard(), std::vector{-1});
  wait(5s);
  EXPECT_EQ(heard(), (std::vector{-1, -1}));
}

TEST_F(Deadlines, DropAnAnswerThatComesTooLate) {
  ask(2);
  ask(2);
  wait(11s);
  ask(3);
  EXPECT_EQ(heard(), (std::vector{-1, -1, 3}));
}

TEST_F(Deadlines, NeedOneTimerForManyRequests) {
  for (int i = 0; i < 100; ++i)
    ask(1);
  EXPECT_EQ(heard().size(), 100u);
  EXPECT_EQ(sched.clock().schedule().size(), 1u);
  wait(11s);
  EXPECT_TRUE(sched.clock().schedule().empty());
}

TEST_F(Deadlines, EndAResumptionThatDoesNotCome) {
  std::vector<std::string> got;
  std::function<void(result<int>)> first, second;
  auto storer = sys.spawn(
    [&](asker* self, int) -> caf::behavior {
      auto then = [&got](result<int> x) {
        got.push_back(x ? std::to_string(*x) : std::string{to_string(x.error().code)});
      };
      first = resume<int>(self, self->state.limits, 10s, then);
      second = resume<int>(self, self->state.limits, 10s, then);
      return {[](int) {}};
    },
    argument);
  sched.run();
  first(7);
  sched.run();
  wait(11s);
  EXPECT_EQ(got, (std::vector{std::string{"7"}, std::string{to_string(errc::timed_out)}}));
  caf::anon_send_exit(storer, caf::exit_reason::kill);
  sched.run();
}

} // namespace
} // namespace hamlet
