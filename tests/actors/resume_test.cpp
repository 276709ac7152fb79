// SPDX-License-Identifier: Apache-2.0
#include "actors/resume.hpp"
#include "tests/support/actor_test.hpp"

#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>

#include <thread>

using namespace std::chrono_literals;

namespace hamlet {

/// Waits for a number from outside.
struct waiter_state {
  deadlines limits;
  std::function<void(result<int>)> answer;
  std::vector<result<int>> heard;
};

caf::behavior waiter(caf::stateful_actor<waiter_state>* self, int) {
  self->state.answer = resume<int>(self, self->state.limits, 5s, [self](result<int> x) {
    self->state.heard.push_back(std::move(x));
  });
  return {[](caf::unit_t) {}};
}

class Resume : public ActorTest {
protected:
  Resume() { sched.run(); }
  ~Resume() override {
    state().answer = nullptr; // it holds the actor
    caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
    sched.run();
  }
  waiter_state& state() { return deref<waiter_state>(actor); }

  caf::actor actor = sys.spawn(waiter, argument);
};

TEST_F(Resume, ContinuesInTheActor) {
  std::thread{[this] { state().answer(42); }}.join();
  EXPECT_TRUE(state().heard.empty()); // so far it is a message
  sched.run();
  ASSERT_EQ(state().heard.size(), 1u);
  EXPECT_EQ(state().heard[0], 42);
}

TEST_F(Resume, HandsOnWhyItFailed) {
  state().answer(fail(errc::disk_full, "no room"));
  sched.run();
  EXPECT_EQ(state().heard.at(0).error().code, errc::disk_full);
}

TEST_F(Resume, GivesUpInTimeAndOnce) {
  sched.clock().advance_time(10s);
  sched.run();
  ASSERT_EQ(state().heard.size(), 1u);
  EXPECT_EQ(state().heard[0].error().code, errc::timed_out);
  state().answer(42);
  sched.run();
  EXPECT_EQ(state().heard.size(), 1u);
}

TEST_F(Resume, AnswersNobodyWhenTheActorIsGone) {
  auto late = state().answer;
  caf::anon_send_exit(actor, caf::exit_reason::kill);
  sched.run();
  late(42);
  sched.run();
  actor = sys.spawn(waiter, argument); // for the end of the test
  sched.run();
}

using Wire = ActorTest;

TEST_F(Wire, CarriesAnyOctets) {
  mail::v1::Part sent, got;
  sent.set_data(std::string("\0\r\n\xff", 4));
  std::vector<char> bytes;
  caf::binary_serializer sink{sys, bytes};
  ASSERT_EQ(sink(sent), caf::none);
  caf::binary_deserializer source{sys, bytes};
  ASSERT_EQ(source(got), caf::none);
  EXPECT_EQ(got.data(), sent.data());
}

TEST_F(Wire, RefusesWhatIsNoMessage) {
  std::string garbage = "\xff\xff\xff";
  std::vector<char> bytes;
  caf::binary_serializer sink{sys, bytes};
  ASSERT_EQ(sink(garbage), caf::none);
  mail::v1::Part got;
  caf::binary_deserializer source{sys, bytes};
  EXPECT_NE(source(got), caf::none);
}

} // namespace hamlet
