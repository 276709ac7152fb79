// SPDX-License-Identifier: Apache-2.0
#include "actors/failure.hpp"
#include "gateway/admin/bridge.hpp"
#include "lib/admin/status.hpp"
#include "tests/support/actor_test.hpp"

#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

namespace hamlet::admin {

namespace {

class Bridge : public ActorTest {
protected:
  ~Bridge() override {
    for (auto& x : all)
      caf::anon_send_exit(x, caf::exit_reason::kill);
    all.clear();
    sched.run();
  }
  caf::actor bridge_to(const admin_actor& admin) {
    all.push_back(caf::actor_cast<caf::actor>(admin));
    all.push_back(spawn_bridge(sys, admin));
    return all.back();
  }
  admin_actor serve(std::function<caf::result<v1::Answer>(const v1::Call&)> with) {
    return sys.spawn([with]() -> admin_actor::behavior_type {
      return {[with](const v1::Call& call) { return with(call); }, [](caf::tick_atom) {}};
    });
  }
  void ask(const caf::actor& bridge, const std::string& method) {
    v1::Call call;
    call.set_method(method);
    ask_over(bridge, call, [this](v1::Answer x) { answers.push_back(std::move(x)); });
  }
  status last() { return static_cast<status>(answers.back().code()); }

  std::vector<v1::Answer> answers;
  std::vector<caf::actor> all;
};

} // namespace

TEST_F(Bridge, BringsAnswersBack) {
  auto admin = serve([](const v1::Call& call) {
    v1::Answer x;
    x.set_reply(call.method() + "!");
    return x;
  });
  auto bridge = bridge_to(admin);
  ask(bridge, "a");
  ask(bridge, "b");
  sched.run();
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_EQ(answers[0].reply(), "a!");
  EXPECT_EQ(answers[1].reply(), "b!");
}

TEST_F(Bridge, SaysThatTheAdminHasFailed) {
  auto bridge = bridge_to(serve([](const v1::Call&) {
    return caf::result<v1::Answer>{to_caf({errc::busy, "secret"})};
  }));
  ask(bridge, "a");
  sched.run();
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(last(), status::resource_exhausted);
  EXPECT_EQ(answers[0].message().find("secret"), std::string::npos);
}

TEST_F(Bridge, WaitsForNoAdminForEver) {
  std::vector<caf::typed_response_promise<v1::Answer>> kept;
  auto admin = sys.spawn([&](admin_actor::pointer self) -> admin_actor::behavior_type {
    return {[&kept, self](const v1::Call&) {
              kept.push_back(self->make_response_promise<v1::Answer>());
              return kept.back();
            },
            [](caf::tick_atom) {}};
  });
  auto bridge = bridge_to(admin);
  ask(bridge, "a");
  sched.run();
  EXPECT_TRUE(answers.empty());
  sched.clock().advance_time(std::chrono::minutes{1});
  sched.run();
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(last(), status::deadline_exceeded);
  kept.clear();
}

TEST_F(Bridge, AnswersAlsoWhenItIsGone) {
  auto bridge = bridge_to(serve([](const v1::Call&) { return v1::Answer{}; }));
  caf::anon_send_exit(bridge, caf::exit_reason::user_shutdown);
  sched.run();
  ask(bridge, "a");
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(last(), status::unavailable);
}

} // namespace hamlet::admin
