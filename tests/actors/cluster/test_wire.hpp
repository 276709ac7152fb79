// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/cluster/link.hpp"

#include <functional>
#include <map>
#include <utility>
#include <vector>

namespace hamlet::cluster {

/// The wire between the nodes of a test, in one process.
class test_wire final : public carrier {
public:
  test_wire(incarnation self, std::map<incarnation, on_command>& all) : self_{self}, all_{all} {}

  void send(std::int64_t to, command x, on_reply done) override {
    sent.push_back(x);
    if (is_slow) {
      on_its_way.push_back([=, this] { pass(to, x, done); });
      return;
    }
    pass(to, std::move(x), std::move(done));
  }
  bool is_up(std::int64_t to) const override { return !is_cut && all_.contains(to); }

  /// What was sent while it was slow, in its order.
  void arrive() {
    is_slow = false;
    for (auto& x : std::exchange(on_its_way, {}))
      x();
  }

  /// As the link does when its stream ends.
  void cut() {
    is_cut = true;
    for (auto& done : std::exchange(lost, {}))
      done({delivery::lost, 0, 0, {}, errc::none, {}});
  }

  bool is_cut = false, loses_answers = false, is_slow = false;
  std::vector<command> sent;
  std::vector<on_reply> lost;
  std::vector<std::function<void()>> on_its_way;

private:
  void pass(std::int64_t to, command x, on_reply done) {
    auto found = all_.find(to);
    if (is_cut || found == all_.end())
      return done({delivery::unreachable, 0, 0, {}, errc::none, {}});
    if (x.is_note)
      return found->second(self_, std::move(x), [](const reply&) {});
    if (!loses_answers)
      return found->second(self_, std::move(x), std::move(done));
    lost.push_back(done);
    found->second(self_, std::move(x), [](const reply&) {});
  }

  incarnation self_;
  std::map<incarnation, on_command>& all_;
};

} // namespace hamlet::cluster
