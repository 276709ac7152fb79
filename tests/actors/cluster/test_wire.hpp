// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/cluster/link.hpp"

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
  bool is_up(std::int64_t to) const override { return !is_cut && all_.contains(to); }

  /// As the link does when its stream ends.
  void cut() {
    is_cut = true;
    for (auto& done : std::exchange(lost, {}))
      done({delivery::lost, 0, 0, {}, errc::none, {}});
  }

  bool is_cut = false, loses_answers = false;
  std::vector<command> sent;
  std::vector<on_reply> lost;

private:
  incarnation self_;
  std::map<incarnation, on_command>& all_;
};

} // namespace hamlet::cluster
