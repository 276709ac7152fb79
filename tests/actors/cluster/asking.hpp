// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/failure.hpp"
#include "lib/base/result.hpp"
#include "tests/support/actor_test.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace hamlet {

/// Tests that ask now, and look at the answers later.
class AskingTest : public ActorTest {
protected:
  template <class Answer>
  using answer = std::shared_ptr<std::optional<result<Answer>>>;

  /// A request of `from`; what it points to is there after hear().
  template <class Answer, class To, class Request>
  answer<Answer> ask(caf::scoped_actor& from, const To& to, Request msg) {
    auto got = std::make_shared<std::optional<result<Answer>>>();
    pending_.push_back([handle = from->request(to, caf::infinite, std::move(msg)), got]() mutable {
      handle.receive([&](Answer& x) { got->emplace(std::move(x)); },
                     [&](caf::error& err) { got->emplace(fail(code_of(err))); });
    });
    sched.run();
    return got;
  }
  /// Those who were asked have answered.
  void hear() {
    sched.run();
    for (auto& receive : std::exchange(pending_, {}))
      receive();
  }
  void pass(std::chrono::milliseconds time) {
    sched.clock().advance_time(time);
    sched.run();
  }

private:
  std::vector<std::function<void()>> pending_;
};

} // namespace hamlet
